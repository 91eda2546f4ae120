import { describe, expect, it } from 'vitest';
import { capturedSpans, minuteSpans } from '../../../../../shared/core/deployment/index.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../../shared/kernel/time.ts';
import { fc } from '../../../../helpers/properties.ts';

const at = (minutes: number): number => minutes * MINUTE_MS;
const shifts = [
  { weight: 0.1, atMs: at(10) + 20 * SECOND_MS },
  { weight: 0.5, atMs: at(20) + 50 * SECOND_MS },
];

describe('minuteSpans', () => {
  it('sets the minutes apart in which a weight changed', () => {
    expect(minuteSpans({ fromMs: at(10), toMs: at(30), shifts })).toEqual([
      { startMs: at(10), endMs: at(11) },
      { startMs: at(11), endMs: at(20), weight: 0.1 },
      // A weight takes a moment to be everywhere: this one was set ten seconds before its minute ended.
      { startMs: at(20), endMs: at(22) },
      { startMs: at(22), endMs: at(30), weight: 0.5 },
    ]);
  });

  it('gives nothing for no time', () => {
    expect(minuteSpans({ fromMs: at(12), toMs: at(12), shifts })).toEqual([]);
  });

  it('cuts what is observed into stretches in which outcomes are alike', () => {
    expect(minuteSpans({ fromMs: at(22), toMs: at(34), shifts }, at(5)).map(({ endMs }) => endMs)).toEqual([
      at(27),
      at(32),
      at(34),
    ]);
  });
});

it('captured spans end where the weight changed, and after five minutes', () => {
  expect(capturedSpans({ fromMs: at(16), toMs: at(23), shifts })).toEqual([
    { startMs: at(16), endMs: at(20) + 50 * SECOND_MS, weight: 0.1 },
    { startMs: at(20) + 50 * SECOND_MS, endMs: at(23), weight: 0.5 },
  ]);
});

it('spans cover all of the time, each instant once, whatever the shifts', () => {
  const minutes = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 200 * 60 }), { maxLength: 6 }),
      minutes,
      minutes,
      (seconds, from, length) => {
        const moved = seconds.toSorted((a, b) => a - b).map((s, i) => ({ weight: (i + 1) / 10, atMs: s * SECOND_MS }));
        const range = { fromMs: at(from), toMs: at(from + length), shifts: moved };
        for (const spans of [minuteSpans(range), minuteSpans(range, at(5)), capturedSpans(range)]) {
          const edges = spans.flatMap(({ startMs, endMs }) => [startMs, endMs]);
          expect(edges.toSorted((a, b) => a - b)).toEqual(edges);
          expect(spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)).toBe(length * MINUTE_MS);
          if (length > 0) expect([edges[0], edges.at(-1)]).toEqual([range.fromMs, range.toMs]);
        }
      },
    ),
  );
});
