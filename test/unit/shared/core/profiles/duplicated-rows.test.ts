import { describe, expect, it } from 'vitest';
import { qualityFindings } from '../../../../../shared/core/profiles/data-quality.ts';
import { duplicatedRows, usualDuplicatedShare } from '../../../../../shared/core/profiles/duplicated-rows.ts';
import {
  type ColumnData,
  createTableProfiler,
  decodeProfile,
  mergeProfiles,
  type TableProfile,
  tableBins,
} from '../../../../../shared/core/profiles/index.ts';
import { createDraws } from '../../../../helpers/drawn-columns.ts';

const bins = tableBins([
  { name: 'x', type: 'number', edges: [0.5] },
  { name: 'c', type: 'category', categories: ['a', 'b'] },
  { name: '@prediction', type: 'number', edges: [0.5] },
]);

interface Row {
  readonly x: number;
  readonly c: string;
}

const profileOf = (rows: readonly Row[], answer: (row: Row) => number = ({ x }) => x): TableProfile => {
  const profiler = createTableProfiler(bins);
  const columns = new Map<string, ColumnData>([
    ['x', Float64Array.from(rows, ({ x }) => x)],
    ['c', rows.map(({ c }) => c)],
    ['@prediction', Float64Array.from(rows, answer)],
  ]);
  profiler.foldColumns(columns, rows.length);
  return profiler.profile();
};

/** Rows of so many kinds at most, each as likely. */
const drawRows = (draw: () => number, { rowCount, kinds }: { rowCount: number; kinds: number }): readonly Row[] =>
  Array.from({ length: rowCount }, () => {
    const kind = Math.floor(draw() * kinds);
    return { x: Math.fround(kind / 7), c: ['a', 'b', 'z'][kind % 3] as string };
  });

const exactShare = (rows: readonly Row[]): number =>
  1 - new Set(rows.map(({ x, c }) => `${x} ${c}`)).size / rows.length;

const once = (rowCount: number, from = 0): readonly Row[] =>
  Array.from({ length: rowCount }, (_, i) => ({ x: from + i, c: 'a' }));

describe('the share of rows that repeat an earlier one', () => {
  it('is within its bounds of the exact one, of tables of any size and any share', () => {
    const draw = createDraws(11);
    const tables = Array.from({ length: 200 }, () => {
      const rowCount = Math.ceil(10 ** (4 * draw()));
      const rows = drawRows(draw, { rowCount, kinds: Math.ceil(rowCount * 10 ** (2 * draw() - 1)) });
      return { exact: exactShare(rows), ...duplicatedRows(profileOf(rows)) };
    });

    const within = tables.filter(({ exact, low, high }) => low <= exact && exact <= high);
    expect(within.length).toBeGreaterThanOrEqual(196);
    // Of all kinds, and the bounds say something.
    expect(tables.filter(({ exact }) => exact > 0.05 && exact < 0.9).length).toBeGreaterThan(100);
    for (const { share, low, high } of tables.slice(0, 50)) {
      expect(low).toBeGreaterThanOrEqual(0);
      expect(share).toBeGreaterThanOrEqual(low);
      expect(share).toBeLessThanOrEqual(high);
    }
  });

  it('is known within a sixth of the rows, and of few rows that are different for sure', () => {
    const { low, high } = duplicatedRows(profileOf(once(8_000)));
    const few = duplicatedRows(profileOf([...once(4), ...once(4), ...once(4)]));

    expect([low, high < 1 / 6]).toEqual([0, true]);
    expect(few.share).toBeCloseTo(2 / 3, 2);
    expect(duplicatedRows(profileOf(once(5)))).toEqual({ share: 0, low: 0, high: 0 });
    expect(duplicatedRows(profileOf([]))).toEqual({ share: 0, low: 0, high: 0 });
  });

  it('does not depend on how the rows were cut, nor on the order in which the parts merge', () => {
    const rows = drawRows(createDraws(12), { rowCount: 6_000, kinds: 3_000 });
    const parts = [0, 1, 2, 3, 4].map((part) => profileOf(rows.filter((_, i) => i % 5 === part)));
    const whole = duplicatedRows(profileOf(rows));

    expect(duplicatedRows(mergeProfiles(bins, parts))).toEqual(whole);
    expect(duplicatedRows(mergeProfiles(bins, parts.toReversed()))).toEqual(whole);
    expect(duplicatedRows(mergeProfiles(bins, [mergeProfiles(bins, parts.slice(2)), ...parts.slice(0, 2)]))).toEqual(
      whole,
    );
  });

  it('takes rows for the same that two versions answered otherwise', () => {
    const [champion, challenger] = [profileOf(once(500)), profileOf(once(500), ({ x }) => x + 0.25)];

    const { low, high } = duplicatedRows(mergeProfiles(bins, [champion, challenger]));

    expect(low).toBeGreaterThan(0.4);
    expect(high).toBeLessThan(0.6);
  });

  it('is read of a profile that an earlier release wrote', () => {
    const written =
      'TVABEDk3YTM1NDU2NThlNDA1NDMMAAR+A5ACBpgCArkHAQAAAAAJA7ugjuIJAAQ+AmUEggECygEBAAAAAAAAAADYPwAAAAAAAO4/AAAAAAAAAAAAAAAAAADoPyAAAAAAAAAAAAABAAwCAAAAGQAAGQAAGQAAAAAABgYA8Lz7iA4AAhMCggEBAAAAAAAACQO7oI7iCQAEPgJlBIIBAsoBAQAAAAAAAAAA2D8AAAAAAADuPwAAAAAAAAAAAAAAAAAA6D8gAAAAAAAAAAAAAQAMAgAAABkAABkAABkAAA==';

    const profile = decodeProfile(Buffer.from(written, 'base64'), bins);

    expect(profile.distinctRows).toHaveLength(1_024);
    expect(duplicatedRows(profile).share).toBeCloseTo(2 / 3, 2);
    // There an answer was part of its row, so that those rows and today's count as different: too few, never too many.
    const again = profileOf([0, 1, 2, 3].map((i) => ({ x: i / 4, c: i % 2 ? 'a' : 'b' })));
    expect(duplicatedRows(mergeProfiles(bins, [profile, again])).share).toBeCloseTo(1 / 2, 2);
  });
});

describe('duplicated rows as a finding', () => {
  const findingsOf = (reference: readonly Row[], current: readonly Row[]) =>
    qualityFindings(profileOf(reference), profileOf(current)).filter(({ kind }) => kind === 'duplicated rows');

  it('are found where a batch came twice, with what is sure of their share', () => {
    const [finding] = findingsOf(once(4_000), [...once(1_500), ...once(1_500)]);

    expect(finding).toMatchObject({ kind: 'duplicated rows', share: expect.closeTo(0.5, 1) });
    const [, low, high] = /^([\d.]+) % to ([\d.]+) % with 99 % confidence$/.exec(finding?.detail ?? '') ?? [];
    expect(Number(low)).toBeLessThan(50);
    expect(Number(high)).toBeGreaterThan(50);
  });

  it('are not found among different rows, whatever the sketches make of them', () => {
    const found = Array.from({ length: 60 }, (_, i) =>
      findingsOf(once(200 + 100 * i, 1e6 * i), once(150 + 90 * i, 1e6 * i + 5e5)),
    );

    expect(found.flat()).toEqual([]);
  });

  it('are not found where rows are of few kinds, as many as come or more than were learnt from', () => {
    const draw = createDraws(13);
    const drawn = (rowCount: number): readonly Row[] => drawRows(draw, { rowCount, kinds: 4_000 });
    const [reference, more] = [drawn(2_000), drawn(40_000)];

    expect(exactShare(more)).toBeGreaterThan(exactShare(reference) + 0.5);
    expect(findingsOf(reference, more)).toEqual([]);
    expect(findingsOf(reference, drawn(1_500))).toEqual([]);
    expect(usualDuplicatedShare(profileOf(reference), 40_000)).toBeGreaterThan(0.9);
    expect(findingsOf(reference, drawRows(draw, { rowCount: 40_000, kinds: 900 }))).toHaveLength(1);
  });
});
