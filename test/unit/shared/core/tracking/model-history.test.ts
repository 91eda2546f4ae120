import { describe, expect, it } from 'vitest';
import { appendToModelHistory } from '../../../../../shared/core/tracking/index.ts';
import { InvalidRequestError } from '../../../../../shared/kernel/errors.ts';

const model = (path: string, change: object = {}): string =>
  JSON.stringify({ artifact_path: path, flavors: {}, utc_time_created: 'now', run_id: 'r', ...change });

describe('the history of logged models', () => {
  it('begins with the first model and grows at its end', () => {
    const first = appendToModelHistory(undefined, model('a'));
    const second = appendToModelHistory(first, model('b'));

    expect(JSON.parse(second)).toEqual([
      { run_id: 'r', artifact_path: 'a', utc_time_created: 'now', flavors: {} },
      { run_id: 'r', artifact_path: 'b', utc_time_created: 'now', flavors: {} },
    ]);
  });

  it('takes the very same model again without a change', () => {
    const once = appendToModelHistory(undefined, model('a'));

    expect(appendToModelHistory(once, model('a'))).toBe(once);
  });

  it('keeps what identifies a model and its flavors without their config', () => {
    const change = { model_uuid: 'u', size: 9, flavors: { sklearn: { code: 'x', config: { long: 1 } }, odd: 'text' } };

    const [entry] = JSON.parse(appendToModelHistory(undefined, model('a', change)));

    expect(entry).toEqual({
      run_id: 'r',
      artifact_path: 'a',
      utc_time_created: 'now',
      model_uuid: 'u',
      flavors: { sklearn: { code: 'x' }, odd: 'text' },
    });
  });

  it.each([
    ['text that is no JSON', '{', 'Malformed model info.'],
    ['a list', '[]', 'Malformed model info.'],
    [
      'a model without its run',
      '{"artifact_path":1,"flavors":{},"utc_time_created":1}',
      "mandatory fields: {'run_id'}",
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => appendToModelHistory(undefined, text)).toThrow(InvalidRequestError);
    expect(() => appendToModelHistory(undefined, text)).toThrow(message);
  });

  it('refuses to add to a tag that holds no list', () => {
    expect(() => appendToModelHistory('mine', model('a'))).toThrow('must hold a list in JSON');
  });

  it('refuses to grow beyond 64,000 characters', () => {
    expect(() => appendToModelHistory(undefined, model('x'.repeat(64_000)))).toThrow(
      'may have 64000 characters, got 64',
    );
  });
});
