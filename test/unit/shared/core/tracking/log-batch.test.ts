import { describe, expect, it } from 'vitest';
import {
  type LogBatch,
  prepareLogBatch,
  prepareMetric,
  prepareParam,
  prepareTag,
} from '../../../../../shared/core/tracking/index.ts';

const POINT = { key: 'm', value: 1, timestampMs: 0, step: 0 };
const batch = (more: Partial<LogBatch>): LogBatch => ({ metrics: [], params: [], tags: [], ...more });
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const pairs = (count: number) => many(count, (index) => ({ key: `k${index}`, value: 'v' }));

describe('preparing a batch', () => {
  it('takes 1,000 entries in all, and no more', () => {
    const full = { metrics: many(800, () => POINT), params: pairs(100), tags: pairs(100) };

    expect(prepareLogBatch(full)).toEqual(full);
    expect(() => prepareLogBatch({ ...full, metrics: many(801, () => POINT) })).toThrow(
      'A batch logging request can contain at most 1000 metrics, params, and tags. Got 1001 metrics, params, and tags. Please split up metrics, params, and tags across multiple requests and try again.',
    );
  });

  it.each([
    ['metrics', batch({ metrics: many(1_001, () => POINT) }), 1_000],
    ['params', batch({ params: pairs(101) }), 100],
    ['tags', batch({ tags: pairs(101) }), 100],
  ])('bounds the number of %s', (what, given, limit) => {
    expect(() => prepareLogBatch(given)).toThrow(`at most ${limit} ${what}. Got ${limit + 1} ${what}.`);
  });

  it('refuses a param named twice, even with one value', () => {
    expect(() => prepareLogBatch(batch({ params: [...pairs(1), ...pairs(1)] }))).toThrow(
      "Duplicate parameter keys have been submitted: ['k0']",
    );
  });

  it('says where a bad key stands', () => {
    expect(() => prepareLogBatch(batch({ metrics: [POINT, { ...POINT, key: 'a,b' }] }))).toThrow("'metrics[1].name'");
    expect(() => prepareLogBatch(batch({ params: [{ key: '/a', value: '' }] }))).toThrow("'params[0].key'");
    expect(() => prepareLogBatch(batch({ tags: [{ key: '', value: '' }] }))).toThrow("'tags[0].key'");
  });
});

describe('preparing a value', () => {
  it.each([
    [Number.POSITIVE_INFINITY, Number.MAX_VALUE],
    [Number.NEGATIVE_INFINITY, -Number.MAX_VALUE],
    [Number.NaN, Number.NaN],
    [-0, 0],
    [0.1, 0.1],
  ])('keeps the metric %d as %d', (value, kept) => {
    expect(prepareMetric({ ...POINT, value }).value).toBe(kept);
  });

  it.each([-1, 0.5, 2 ** 53])('refuses the timestamp %d', (timestampMs) => {
    expect(() => prepareMetric({ ...POINT, timestampMs })).toThrow(/Timestamp must be a nonnegative long/);
  });

  it('takes negative steps, but whole ones', () => {
    expect(prepareMetric({ ...POINT, step: -5 }).step).toBe(-5);
    expect(() => prepareMetric({ ...POINT, step: 0.5 })).toThrow(/Step must be a valid long/);
  });

  it('cuts long values by characters', () => {
    expect(prepareParam({ key: 'k', value: 'x'.repeat(6_001) }).value).toHaveLength(6_000);
    expect(prepareTag({ key: 'k', value: '\u{1f600}'.repeat(8_001) }).value).toBe('\u{1f600}'.repeat(8_000));
    expect(prepareTag({ key: 'k', value: '\u{1f600}'.repeat(8_000) }).value).toHaveLength(16_000);
  });

  it('keeps no half of a surrogate pair, which no store would give back', () => {
    expect(prepareTag({ key: 'k', value: 'a\ud800' }).value).toBe('a\ufffd');
  });
});
