import { describe, expect, it } from 'vitest';
import {
  calibratedChances,
  chanceOf,
  learnCalibration,
} from '../../../../../shared/core/performance/isotonic-calibration.ts';
import { fc } from '../../../../helpers/properties.ts';
import reference from '../../../../reference/performance/reference.json' with { type: 'json' };

describe('learnCalibration', () => {
  it('equals scikit-learn, between its knots and outside them', () => {
    const calibration = learnCalibration(reference.label, reference.chance);

    const { probes, chances } = reference.isotonic;
    for (const [i, probe] of probes.entries()) expect(chanceOf(calibration, probe)).toBeCloseTo(chances[i]!, 12);
  });

  it('never falls, and keeps the mean of the labels', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 20 })), { minLength: 1 });
    fc.assert(
      fc.property(rows, (sample) => {
        const labels = sample.map(([label]) => label);
        const scores = sample.map(([, score]) => score / 20);

        const calibration = learnCalibration(labels, scores);

        const chances = scores.map((score) => chanceOf(calibration, score));
        const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
        expect(total(chances)).toBeCloseTo(total(labels), 9);
        for (const [i, chance] of calibration.chances.entries())
          expect(chance).toBeGreaterThanOrEqual(calibration.chances[i - 1] ?? 0);
      }),
    );
  });

  it('leaves one row of doubt at both ends', () => {
    const calibration = learnCalibration([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]);

    const chances = calibratedChances(calibration, [0, 0.5, 1]);

    for (const [i, chance] of [1 / 6, 0.5, 5 / 6].entries()) expect(chances[i]).toBeCloseTo(chance, 12);
  });

  it('refuses an empty and an uneven sample', () => {
    expect(() => learnCalibration([], [])).toThrow('at least one, got 0 labels and 0 scores');
    expect(() => learnCalibration([1], [])).toThrow('got 1 labels and 0 scores');
  });
});
