import { describe, expect, it } from 'vitest';
import { binRows } from '../../../../../shared/core/training/binned-rows.ts';
import { findSplit, sumsOf } from '../../../../../shared/core/training/find-split.ts';
import {
  fillHistogram,
  newHistogram,
  subtractHistogram,
} from '../../../../../shared/core/training/gradient-histogram.ts';
import { partitionRows } from '../../../../../shared/core/training/partition-rows.ts';
import { fc } from '../../../../helpers/properties.ts';

const value = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 9 }) }, fc.constant(Number.NaN));
const row = fc.record({ x: value, y: value, gradient: fc.integer({ min: -8, max: 8 }) });
const L2 = 1;

const setUp = (table: readonly { x: number; y: number; gradient: number }[]) => {
  const columns = [Float32Array.from(table, ({ x }) => x), Float32Array.from(table, ({ y }) => y)];
  const rowCount = table.length;
  const rows = binRows({
    rowCount,
    trainingRowCount: rowCount,
    featureCount: 2,
    featureValues: (feature) => columns[feature] as Float32Array,
  });
  const gradients = Float32Array.from(table.flatMap(({ gradient }) => [gradient, 1]));
  const indices = Uint32Array.from(table.keys());
  return { rows, gradients, indices, rowCount };
};

/** The best gain over every threshold, feature and side of the missing rows, from the rows themselves. */
const bestGainByHand = (table: readonly { x: number; y: number; gradient: number }[], minRows: number): number => {
  const score = (side: typeof table): number =>
    side.reduce((sum, { gradient }) => sum + gradient, 0) ** 2 / (side.length + L2);
  let best = 0;
  for (const feature of ['x', 'y'] as const) {
    for (let threshold = 0; threshold < 10; threshold++) {
      for (const missingGoesLeft of [false, true]) {
        const goesLeft = (v: number): boolean => (Number.isNaN(v) ? missingGoesLeft : v <= threshold);
        const left = table.filter((r) => goesLeft(r[feature]));
        const right = table.filter((r) => !goesLeft(r[feature]));
        if (left.length < minRows || right.length < minRows) continue;
        best = Math.max(best, score(left) + score(right) - score(table));
      }
    }
  }
  return best;
};

describe('findSplit', () => {
  it('finds the gain that trying every cut on the rows finds, and parts the rows as it says', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (table, minRows) => {
        const { rows, gradients, indices, rowCount } = setUp(table);
        const histogram = newHistogram(rows);
        fillHistogram(histogram, rows, gradients, { indices, start: 0, end: rowCount });

        const split = findSplit(histogram, rows, sumsOf(histogram), { minRowsPerLeaf: minRows, l2: L2 });

        expect(split?.gain ?? 0).toBeCloseTo(bestGainByHand(table, minRows), 6);
        if (split === undefined) return;
        const middle = partitionRows({ indices, start: 0, end: rowCount }, new Uint32Array(rowCount), rows, split);
        const left = indices.subarray(0, middle);
        expect(middle).toBe(split.left.rowCount);
        expect(left.reduce((sum, i) => sum + (table[i]?.gradient ?? 0), 0)).toBe(split.left.gradient);
        expect(left.toSorted()).toEqual(left);
        expect([...indices].toSorted((a, b) => a - b)).toEqual([...table.keys()]);
      }),
      { numRuns: 300 },
    );
  });

  it('sees in a subtracted histogram what summing the rows gives', () => {
    const table = Array.from({ length: 50 }, (_, i) => ({ x: i % 7, y: i % 3, gradient: (i * 5) % 11 }));
    const { rows, gradients, indices, rowCount } = setUp(table);
    const [parent, left, right] = [newHistogram(rows), newHistogram(rows), newHistogram(rows)] as const;
    fillHistogram(parent, rows, gradients, { indices, start: 0, end: rowCount });
    fillHistogram(left, rows, gradients, { indices, start: 0, end: 20 });
    fillHistogram(right, rows, gradients, { indices, start: 20, end: rowCount });

    subtractHistogram(parent, left);

    expect(parent).toEqual(right);
  });
});
