import { describe, expect, it } from 'vitest';
import {
  ALL_TRAFFIC,
  type CapturedPrediction,
  encodeDay,
  encodeHours,
  foldPlan,
  type MergedDay,
  PREDICTION_COLUMN,
} from '../../../../../shared/core/monitoring/index.ts';
import { duplicatedRows, type TableProfile, tableBins } from '../../../../../shared/core/profiles/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../../shared/kernel/time.ts';
import { type CapturedLines, mergeObjects } from '../../../../helpers/folded-window.ts';
import { fc } from '../../../../helpers/properties.ts';

const DAY = '2001-02-17';
const DAY_BEFORE = '2001-02-16';
const AT = Date.parse(DAY);
const bins = tableBins([
  { name: 'x', type: 'number', edges: [0.25, 0.5, 0.75] },
  { name: 'c', type: 'category', categories: ['a', 'b'] },
  { name: PREDICTION_COLUMN, type: 'number', edges: [0.5] },
]);
const plan = foldPlan(bins, [{ name: 'only-a', where: { feature: 'c', equals: 'a' } }]);

const prediction = (predictionId: string, atMs: number, x: number, version = 1, c = 'a'): CapturedPrediction => ({
  predictionId,
  atMs,
  version,
  inputs: { x, c },
  output: x,
});

const bytesOf = (day: MergedDay): readonly Uint8Array[] => [encodeDay({ ...day, sources: '' }), encodeHours(day)];
const countsOf = (day: MergedDay, slice = ALL_TRAFFIC): readonly number[] => [
  ...(day.slices.get(slice)?.columns[0]?.counts ?? [0, 0, 0, 0]),
];

describe('the merge of a day', () => {
  it('keeps versions, hours and slices apart, and sums them up', () => {
    const day = mergeObjects(plan, DAY, {
      o1: [prediction('p1', AT, 0.1), prediction('p2', AT + HOUR_MS, 0.3, 2, 'b')],
      o2: [prediction('p3', AT + HOUR_MS, 0.6, 2), prediction('p4', AT + DAY_MS, 0.9)],
    });

    expect(day.hours.map(({ version, slice, hour, profile }) => [version, slice, hour, profile.rowCount])).toEqual([
      [1, 'all', 0, 1],
      [1, 'only-a', 0, 1],
      [2, 'all', 1, 2],
      [2, 'only-a', 1, 1],
    ]);
    expect(day.versions).toEqual({ 1: 1, 2: 2 });
    expect(day.rowsByHour.slice(0, 3)).toEqual([1, 2, 0]);
    expect(countsOf(day)).toEqual([1, 1, 1, 0]);
    expect(countsOf(day, 'only-a')).toEqual([1, 0, 1, 0]);
  });

  it('counts a prediction once that came twice: in one object, and in two', () => {
    const line = prediction('p1', AT, 0.1);

    const day = mergeObjects(plan, DAY, { o1: [line, line], o2: [line, prediction('p2', AT, 0.6)] });

    expect(day.versions).toEqual({ 1: 2 });
    expect(countsOf(day)).toEqual([1, 0, 1, 0]);
    expect(day.duplicateCount).toBe(2);
  });

  it('of two answers to one id the earlier stands, whichever object came first', () => {
    const early = prediction('p1', AT, 0.1);
    const late = prediction('p1', AT + 5 * HOUR_MS, 0.9, 2);

    for (const objects of [
      { o1: [early], o2: [late] },
      { o1: [late], o2: [early] },
    ]) {
      const day = mergeObjects(plan, DAY, objects);

      expect(countsOf(day)).toEqual([1, 0, 0, 0]);
      expect(day.versions).toEqual({ 1: 1 });
    }
  });

  it('takes a batch that was delivered twice for no duplicated rows, and one that was asked twice for some', () => {
    const batch = (ids: string, atMs: number, version = 1) =>
      Array.from({ length: 60 }, (_, i) => prediction(`${ids}${i}`, atMs, i / 60, version));
    const shareOf = (objects: CapturedLines) =>
      duplicatedRows(mergeObjects(plan, DAY, objects).slices.get(ALL_TRAFFIC) as TableProfile);

    const delivered = shareOf({ o1: batch('p', AT), o2: batch('p', AT), o3: batch('p', AT + HOUR_MS) });
    const asked = shareOf({ o1: batch('p', AT), o2: batch('q', AT + HOUR_MS, 2) });

    expect(delivered.low).toBe(0);
    expect(delivered.high).toBeLessThan(0.15);
    expect(asked.low).toBeGreaterThan(0.4);
    expect(shareOf({ o2: batch('q', AT + HOUR_MS, 2), o1: batch('p', AT) })).toEqual(asked);
  });

  it('leaves out an id that was answered the day before', () => {
    const before = prediction('p1', AT - HOUR_MS, 0.1);

    const day = mergeObjects(
      plan,
      DAY,
      { o1: [before], o2: [prediction('p1', AT, 0.9), prediction('p2', AT, 0.6)] },
      { dayBefore: DAY_BEFORE },
    );

    expect(countsOf(day)).toEqual([0, 0, 1, 0]);
    expect(day.duplicateCount).toBe(1);
  });

  it('is the same in any order of the deltas, and counts what an account line by line counts', () => {
    const line = fc
      .record({
        id: fc.constantFrom(...'abcdefgh'),
        at: fc.integer({ min: -2, max: 2 }),
        x: fc.constantFrom(0.1, 0.3, 0.6, 0.9),
        version: fc.constantFrom(1, 2),
        c: fc.constantFrom('a', 'b'),
      })
      .map(({ id, at, x, version, c }) => prediction(id, AT + at * HOUR_MS, x, version, c));
    const objects = fc.dictionary(fc.constantFrom('o1', 'o2', 'o3', 'o4'), fc.array(line, { maxLength: 12 }));
    fc.assert(
      fc.property(objects, fc.infiniteStream(fc.nat()), (captured: CapturedLines, noise) => {
        const shuffled = mergeObjects(plan, DAY, captured, {
          dayBefore: DAY_BEFORE,
          order: (deltas) =>
            deltas
              .map((delta) => ({ delta, key: noise.next().value as number }))
              .sort((a, b) => a.key - b.key)
              .map(({ delta }) => delta),
        });
        const day = mergeObjects(plan, DAY, captured, { dayBefore: DAY_BEFORE });

        expect(bytesOf(shuffled)).toEqual(bytesOf(day));
        const standing = standingRows(captured);
        expect(day.lastAtMs).toBe(standing.length === 0 ? undefined : Math.max(...standing.map(({ atMs }) => atMs)));
        expect(countsOf(day)).toEqual(
          [0.1, 0.3, 0.6, 0.9].map((x) => standing.filter(({ inputs }) => inputs.x === x).length),
        );
        expect(countsOf(day, 'only-a').reduce((sum, count) => sum + count, 0)).toBe(
          standing.filter(({ inputs }) => inputs.c === 'a').length,
        );
        expect(day.duplicateCount).toBe(allOf(captured, DAY).length - standing.length);
      }),
      { numRuns: 30 },
    );
  });
});

type Line = CapturedPrediction;
const linesOf = (captured: CapturedLines): readonly (readonly [key: string, lines: readonly Line[]])[] =>
  Object.entries(captured)
    .map(([key, lines]) => [key, lines as readonly Line[]] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
const allOf = (captured: CapturedLines, day: string): readonly Line[] =>
  linesOf(captured).flatMap(([, lines]) => lines.filter(({ atMs }) => utcDay(atMs) === day));

/** The account: of an object the first line of an id, of several objects the earliest, none that came the day before. */
const standingRows = (captured: CapturedLines): readonly Line[] => {
  const firsts = linesOf(captured).map(([, lines]) => {
    const seen = new Map<string, Line>();
    for (const line of lines) if (!seen.has(line.predictionId)) seen.set(line.predictionId, line);
    return [...seen.values()];
  });
  const yesterday = new Set(
    firsts.flat().flatMap(({ atMs, predictionId }) => (utcDay(atMs) === DAY_BEFORE ? [predictionId] : [])),
  );
  const standing = new Map<string, Line>();
  for (const line of firsts.flat().filter(({ atMs }) => utcDay(atMs) === DAY)) {
    const other = standing.get(line.predictionId);
    if (!yesterday.has(line.predictionId) && (other === undefined || line.atMs < other.atMs))
      standing.set(line.predictionId, line);
  }
  return [...standing.values()];
};
