import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../../shared/core/explanation/index.ts';
import { labelDrift } from '../../../../../shared/core/performance/label-drift.ts';
import { makePerformanceReference } from '../../../../../shared/core/performance/performance-reference.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';

const DAYS = 7;
const ROWS_A_DAY = 400;

/** Labels that are 1 with this chance, by days. */
const draw = (seed: number, chance: number, dayCount: number): readonly (readonly number[])[] => {
  const random = seededRandom(seed);
  return Array.from({ length: dayCount }, () => Array.from({ length: ROWS_A_DAY }, () => (random() < chance ? 1 : 0)));
};
const meanOf = (labels: readonly number[]): number => labels.reduce((sum, label) => sum + label, 0) / labels.length;
const meansAt = (chance: number, dayCount = 14) => draw(2, chance, dayCount).map(meanOf);

const held = draw(1, 0.2, DAYS);
const reference = makePerformanceReference(
  {
    labels: held.flat(),
    predictions: held.flat().map(() => 0.2),
    eventAtMs: held.flatMap((labels, day) => labels.map(() => day * DAY_MS)),
  },
  { task: 'binary-classification', threshold: 0.5 },
);

describe('labelDrift', () => {
  it('tells other outcomes, either way, from those that differ by chance or by too little to matter', () => {
    expect(labelDrift(meansAt(0.3), reference)).toMatchObject({ drifted: true, dayCount: 14 });
    expect(labelDrift(meansAt(0.1), reference)).toMatchObject({ drifted: true });
    expect(labelDrift(meansAt(0.2), reference)).toMatchObject({ drifted: false });
    // Certain, and below a tenth of the deviation of √(0.2 · 0.8).
    expect(labelDrift(meansAt(0.225, 100), reference)).toMatchObject({ drifted: false });
  });

  it('says by how much, and beyond what it matters', () => {
    const found = labelDrift(meansAt(0.3), reference);

    expect(found?.referenceMean).toBeCloseTo(meanOf(held.flat()), 12);
    expect(found?.gap.value).toBeCloseTo(meanOf(meansAt(0.3)) - meanOf(held.map(meanOf)), 12);
    expect(found?.floor).toBeCloseTo(0.04, 2);
  });

  it('says nothing of too few days, or for a reference without labels', () => {
    expect(labelDrift(meansAt(0.3, 7), reference)).toBeUndefined();
    const { labelDeviation: _, ...before } = reference;
    expect(labelDrift(meansAt(0.3), before)).toBeUndefined();
  });
});
