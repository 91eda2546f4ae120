import { describe, expect, it } from 'vitest';
import { validateKey } from '../../../../../shared/core/tracking/index.ts';

describe('the key of a metric, param or tag', () => {
  it.each(['a', 'a/b', 'a.b-c_d e:f', 'ünï', '日本', '.hidden', 'a/.b', 'a..b', '...x'.slice(2), 'x'.repeat(250)])(
    'may be %j',
    (key) => {
      expect(validateKey(key, 'key', 'Key')).toBe(key);
    },
  );

  it.each(['a,b', 'a"b', 'a\nb', 'a\n', 'a\\b', '\u{1f600}', 'a#b'])('has none of the characters in %j', (key) => {
    expect(() => validateKey(key, 'metrics[2].name', 'Metric name')).toThrow(
      `Invalid value ${JSON.stringify(key)} for parameter 'metrics[2].name' supplied: Names may only contain alphanumerics`,
    );
  });

  it.each([
    ['', '.'],
    ['/a', '/a'],
    ['a//b', 'a/b'],
    ['a/', 'a'],
    ['./a', 'a'],
    ['a/../b', 'b'],
    ['..', '..'],
    ['../../a', '../../a'],
    ['...', '...'],
    ['.', '.'],
  ])('is its own normal path, which %j is not', (key, normal) => {
    expect(() => validateKey(key, 'key', 'Key')).toThrow(`This name would resolve to '${normal}'`);
  });

  it('has at most 250 characters', () => {
    expect(() => validateKey('x'.repeat(251), 'key', 'Metric name')).toThrow(
      "'Metric name' exceeds the maximum length of 250 characters",
    );
    expect(validateKey('\u{20000}'.repeat(250), 'key', 'Key')).toHaveLength(500);
  });
});
