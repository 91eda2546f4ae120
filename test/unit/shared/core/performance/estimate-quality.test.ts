import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../../shared/core/explanation/index.ts';
import {
  expectQuality,
  standardErrorsWide,
  tellEstimates,
} from '../../../../../shared/core/performance/estimate-quality.ts';
import { calibratedChances, learnCalibration } from '../../../../../shared/core/performance/isotonic-calibration.ts';
import { areaUnderRocCurve } from '../../../../../shared/core/statistics/area-under-roc-curve.ts';
import reference from '../../../../reference/performance/reference.json' with { type: 'json' };

const chances = calibratedChances(learnCalibration(reference.label, reference.chance), reference.chance);

/** Of chances that are known, not learnt. */
const basis = { chances, learntRows: Number.POSITIVE_INFINITY };

describe('expectQuality', () => {
  it.each(['auc', 'logLoss', 'brier', 'f1'] as const)('equals NumPy over all pairs and rows: %s', (metric) => {
    const expected = expectQuality(reference.chance, basis, 0.5);

    expect(expected[metric]?.value).toBeCloseTo(reference.expected[metric].value, 9);
  });

  it('has the standard errors of NumPy', () => {
    const expected = expectQuality(reference.chance, basis, 0.5);

    expect(expected.logLoss?.standardError).toBeCloseTo(reference.expected.logLoss.standardError, 9);
    expect(expected.brier?.standardError).toBeCloseTo(reference.expected.brier.standardError, 9);
    // The slopes there are differences of 1e-6, and have the denominator's second order too.
    expect(expected.auc?.standardError).toBeCloseTo(reference.expected.auc.standardError, 4);
  });

  it.each(['auc', 'f1'] as const)('strays as drawn labels do: %s', (metric) => {
    const random = seededRandom(3);
    const expected = expectQuality(reference.chance, basis, 0.5)[metric];
    const f1 = (labels: readonly number[]): number => {
      const answers = reference.chance.map((chance) => (chance >= 0.5 ? 1 : 0));
      const hits = labels.filter((label, i) => label === 1 && answers[i] === 1).length;
      return (2 * hits) / (answers.filter((one) => one === 1).length + labels.filter((one) => one === 1).length);
    };

    const drawn = Array.from({ length: 2_000 }, () => {
      const labels = Array.from(chances, (chance) => (random() < chance ? 1 : 0));
      return metric === 'auc' ? areaUnderRocCurve(labels, reference.chance) : f1(labels);
    });

    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length);
    expect(Math.abs(mean - expected!.value)).toBeLessThan(0.05 * deviation + 2e-3);
    expect(deviation / expected!.standardError).toBeGreaterThan(0.95);
    expect(deviation / expected!.standardError).toBeLessThan(1.05);
  });

  it('strays as far again when the chances were learnt from as many rows', () => {
    const known = expectQuality(reference.chance, basis, 0.5);

    const learnt = expectQuality(reference.chance, { chances, learntRows: chances.length }, 0.5);

    expect(learnt.brier?.standardError).toBeCloseTo(Math.SQRT2 * known.brier!.standardError, 12);
    expect(learnt.brier?.value).toBe(known.brier?.value);
  });

  it('expects no AUC where one class is hardly expected, and no F1 without positive answers', () => {
    expect(Object.keys(expectQuality([0.1, 0.2], { chances: [0.1, 0.2], learntRows: 9 }, 0.5))).toEqual([
      'logLoss',
      'brier',
    ]);
  });
});

describe('standardErrorsWide', () => {
  it('is that of sampling below 20 past errors', () => {
    expect(standardErrorsWide(new Array(19).fill(9))).toBeCloseTo(1.96, 3);
  });

  it('reaches to the ⌈0.95·(n + 1)⌉-th smallest error, of whatever sign', () => {
    const errors = Array.from({ length: 39 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i + 1));

    expect(standardErrorsWide(errors)).toBe(38);
  });

  it('looks at the newest 60 only, and never reaches less far than sampling', () => {
    expect(standardErrorsWide([...new Array(50).fill(99), ...new Array(60).fill(3)])).toBe(3);
    expect(standardErrorsWide(new Array(30).fill(0.1))).toBeCloseTo(1.96, 3);
  });
});

describe('tellEstimates', () => {
  it('tells both intervals, inside what the metric can be', () => {
    const told = tellEstimates({ auc: { value: 0.9, standardError: 0.02 } }, () => new Array(20).fill(10));

    expect(told.auc?.samplingUpper).toBeCloseTo(0.9392, 4);
    expect(told.auc?.lower).toBeCloseTo(0.7, 9);
    expect(told.auc?.upper).toBe(1);
  });
});
