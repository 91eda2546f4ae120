import { describe, expect, it } from 'vitest';
import type { BackTest } from '../../../../../shared/core/retraining/back-test.ts';
import { decideRetraining } from '../../../../../shared/core/retraining/decide-retraining.ts';
import { worthValue } from '../../../../../shared/core/retraining/worth-value.ts';
import { fc } from '../../../../helpers/properties.ts';

const backTest = (mean: number, halfWidth: number): BackTest => ({
  rowCount: 60_000,
  rounds: 120,
  isProxy: false,
  incumbentThroughMs: 0,
  candidatesThroughMs: [1],
  days: Array.from({ length: 7 }, (_, i) => ({
    day: `2001-02-${11 + i}`,
    rowCount: 9,
    incumbentLoss: 0.5,
    candidateLoss: 0.5 - mean,
  })),
  betterDayCount: mean > 0 ? 7 : 0,
  gain: { mean, lower: mean - halfWidth, upper: mean + halfWidth, confidence: 0.95 },
});
const decide = (test: BackTest, usdPerLoss?: number, costUsd = 1) =>
  decideRetraining({
    backTest: test,
    value: worthValue(
      test,
      { usdPerLoss, horizonDays: 28 },
      { predictionsPerDay: 1_000, predictionsFrom: { kind: 'declared' } },
    ),
    margin: 0.005,
    costUsd,
    mode: 'decide',
  });

describe('decideRetraining', () => {
  it('trains where the expected gain is worth more than the cost, and says by how much', () => {
    expect(decide(backTest(0.002, 0.01), 0.1)).toEqual({
      decision: 'retrain',
      reason:
        'retraining is worth it: at 1000 predictions a day (declared) it saves 5.60 $ in 28 days (−22.40 $ to 33.60 $, 95 %) ' +
        'and costs 1.00 $; trained anew on as many rows (60000), the model would have had a loss lower by 0.0020 a prediction (gain −0.0080 to 0.012, 95 %), and ' +
        'a lower one on 7 of 7 days',
    });
  });

  it('waits where the gain is not worth the cost', () => {
    expect(decide(backTest(0.002, 0.01), 0.1, 6)).toMatchObject({
      decision: 'wait',
      reason: expect.stringMatching(
        /^retraining is not worth it: at 1000 predictions a day \(declared\) it saves 5\.60 \$ .* costs 6\.00 \$/,
      ),
    });
  });

  it.each([undefined, 0.1])('calls a person where harm is found, a unit of loss being worth %s', (usdPerLoss) => {
    expect(decide(backTest(-0.02, 0.01), usdPerLoss).decision).toBe('person');
  });

  it.each([
    [undefined, 'retrain'],
    [0.1, 'wait'],
  ] as const)(
    'calls nobody for harm that the gate would let pass, a unit of loss being worth %s',
    (usdPerLoss, decision) => {
      expect(decide(backTest(-0.004, 0.001), usdPerLoss).decision).toBe(decision);
    },
  );

  it('believes its alarm where no value is declared and no harm is found', () => {
    expect(decide(backTest(-0.002, 0.01))).toMatchObject({
      decision: 'retrain',
      reason: expect.stringContaining('retraining.worth'),
    });
  });

  it('trains what could not be weighed, and says why', () => {
    expect(decideRetraining({ backTest: { refused: 'no version serves yet' }, margin: 0.005, mode: 'decide' })).toEqual(
      {
        decision: 'retrain',
        reason: 'it trains because its alarm rang, unweighed: no version serves yet',
      },
    );
  });

  it('trains whatever it finds where it only reports', () => {
    const found = { backTest: backTest(-0.02, 0.01), margin: 0.005, mode: 'report' } as const;

    expect(decideRetraining(found)).toMatchObject({
      decision: 'retrain',
      reason: expect.stringContaining('newer data make a worse model'),
    });
  });

  it('never trains for less gain where it would not for more', () => {
    const gain = fc.double({ min: -0.02, max: 0.02, noNaN: true });
    fc.assert(
      fc.property(gain, gain, fc.double({ min: 0, max: 50, noNaN: true }), (one, other, costUsd) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        const trains = (mean: number): boolean => decide(backTest(mean, 0.005), 0.1, costUsd).decision === 'retrain';
        expect(trains(less) && !trains(more)).toBe(false);
      }),
    );
  });
});
