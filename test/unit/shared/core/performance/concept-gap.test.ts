import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../../shared/core/explanation/index.ts';
import { conceptDrift, conceptGap } from '../../../../../shared/core/performance/concept-gap.ts';
import { learnCalibration } from '../../../../../shared/core/performance/isotonic-calibration.ts';

const draw = (seed: number, count: number, chanceOf: (score: number) => number, scoreOf = (u: number) => u) => {
  const random = seededRandom(seed);
  const predictions = Array.from({ length: count }, () => 0.05 + 0.9 * scoreOf(random()));
  return { predictions, labels: predictions.map((score) => (random() < chanceOf(score) ? 1 : 0)) };
};
const holdout = draw(1, 20_000, (score) => score);
const calibration = learnCalibration(holdout.labels, holdout.predictions);
const gap = (rows: ReturnType<typeof draw>): number =>
  conceptGap('binary-classification', rows, { calibration }) ?? Number.NaN;

describe('conceptGap', () => {
  it('stays about 0 when inputs become harder to tell apart, and leaves it when labels part from them', () => {
    const harder = draw(
      2,
      20_000,
      (score) => score,
      (u) => 0.4 + 0.2 * u,
    );
    const parted = draw(3, 20_000, (score) => 0.5 + 0.6 * (score - 0.5));

    expect(Math.abs(gap(harder))).toBeLessThan(0.01);
    expect(gap(parted)).toBeGreaterThan(0.05);
  });

  it('is of a regression the squared error above the reference’s', () => {
    const rows = { labels: [1, 2], predictions: [2, 4] };

    expect(conceptGap('regression', rows, { meanSquaredError: 2 })).toBe(0.5);
    expect(conceptGap('regression', rows, {})).toBeUndefined();
    expect(conceptGap('regression', { labels: [], predictions: [] }, { meanSquaredError: 2 })).toBeUndefined();
  });
});

describe('conceptDrift', () => {
  const reference = [-0.01, 0, 0.01, 0.005, -0.005];

  it('finds a gap that its whole interval bears out, either way, and says nothing of noise', () => {
    const gaps = [0.09, 0.1, 0.11, 0.1, 0.09, 0.11, 0.1, 0.1];

    expect(conceptDrift(gaps, reference, 0.01)).toMatchObject({ dayCount: 8, drifted: true });
    expect(
      conceptDrift(
        gaps.map((one) => -one),
        reference,
        0.01,
      )?.drifted,
    ).toBe(true);
    expect(
      conceptDrift(
        gaps.map((one, i) => (i % 2 === 0 ? one : -one)),
        reference,
        0.01,
      )?.drifted,
    ).toBe(false);
    expect(conceptDrift(gaps, reference, 0.2)?.drifted).toBe(false);
  });

  it('needs 8 days, and 3 of the reference', () => {
    expect(conceptDrift(new Array(7).fill(1), reference, 0)).toBeUndefined();
    expect(conceptDrift(new Array(8).fill(1), [0, 1], 0)).toBeUndefined();
  });
});
