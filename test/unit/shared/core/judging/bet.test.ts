import { describe, expect, it } from 'vitest';
import {
  type Bet,
  betOnHarm,
  betOnMargin,
  betOnOdds,
  type Direction,
  twoPointsOf,
} from '../../../../../shared/core/judging/bet.ts';
import { fc } from '../../../../helpers/properties.ts';

const factor = ({ slope, centre }: Bet, direction: Direction, outcome: number, met: number, share: number): number =>
  1 + direction * slope * (outcome - centre) * (met - share);

const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const points = fc.record({
  rate: fc.double({ min: 1e-9, max: 0.999, noNaN: true }),
  size: fc.double({ min: 1e-6, max: 1, noNaN: true }),
});
const amount = fc.double({ min: 1e-4, max: 0.99, noNaN: true });
const direction = fc.constantFrom<Direction>(1, -1);

describe('a bet', () => {
  it('never loses all of its capital on one unit, whatever it was placed on', () => {
    fc.assert(
      fc.property(points, amount, direction, share, (known, harm, toward, pi) => {
        const bets = [
          betOnHarm(known, harm, toward, pi),
          betOnMargin(known, harm, toward, pi),
          betOnOdds(known, 1 + 20 * harm, toward, pi),
        ];

        for (const bet of bets)
          for (const outcome of [0, 0.3, 1])
            for (const met of [0, 1]) {
              const grown = factor(bet, toward, outcome, met, pi);
              expect(grown).toBeGreaterThan(0.019);
              expect(Number.isFinite(grown)).toBe(true);
            }
      }),
    );
  });

  it('on odds is the likelihood ratio of the version that a unit met, given its outcome', () => {
    const [rate, odds, pi] = [0.1, 3, 0.2];
    const canaryRate = (odds * rate) / (1 + (odds - 1) * rate);
    const bet = betOnOdds({ rate, size: 1 }, odds, 1, pi);
    const failing = canaryRate / (pi * canaryRate + (1 - pi) * rate);
    const passing = (1 - canaryRate) / (pi * (1 - canaryRate) + (1 - pi) * (1 - rate));

    expect(factor(bet, 1, 1, 1, pi)).toBeCloseTo(failing, 12);
    expect(factor(bet, 1, 0, 1, pi)).toBeCloseTo(passing, 12);
    expect(factor(bet, 1, 1, 0, pi)).toBeCloseTo(rate / (pi * canaryRate + (1 - pi) * rate), 12);
  });

  it('on a harm is the one on the odds that this harm makes', () => {
    const known = { rate: 0.01, size: 1 };

    const harm = betOnHarm(known, 0.01, 1, 0.05);
    const odds = betOnOdds(known, 0.02 / 0.98 / (0.01 / 0.99), 1, 0.05);

    expect(harm.slope).toBeCloseTo(odds.slope, 10);
    expect(harm.centre).toBeCloseTo(odds.centre, 10);
  });

  it('on a margin grows fastest for equal versions', () => {
    const known = { rate: 0.05, size: 1 };
    const [margin, pi] = [0.02, 0.1];
    const best = betOnMargin(known, margin, -1, pi);
    const growthOf = (bet: Bet): number => {
      const paid = margin * bet.slope * pi * (1 - pi);
      const chances = [
        [1, 1, pi * known.rate],
        [0, 1, pi * (1 - known.rate)],
        [1, 0, (1 - pi) * known.rate],
        [0, 0, (1 - pi) * (1 - known.rate)],
      ] as const;
      return chances.reduce((sum, [x, a, chance]) => sum + chance * (paid + Math.log(factor(bet, -1, x, a, pi))), 0);
    };

    const most = growthOf(best);

    expect(most).toBeGreaterThan(0);
    for (const [slope, centre] of [
      [0.9, 1],
      [1.1, 1],
      [1, 0.9],
      [1, 1.1],
    ] as const)
      expect(growthOf({ slope: slope * best.slope, centre: centre * best.centre })).toBeLessThan(most);
  });
});

describe('twoPointsOf', () => {
  it('has the rate of outcomes of 0 and 1, and the mean square of others', () => {
    const shares = twoPointsOf([100_000, 2_000, 2_000], 0.01);
    const means = twoPointsOf([100_000, 30_000, 10_000], 0.01);

    expect(shares.size).toBe(1);
    expect(shares.rate).toBeCloseTo(0.02, 4);
    expect(means.size).toBeCloseTo(1 / 3, 4);
    expect(means.rate * means.size).toBeCloseTo(0.3, 3);
  });

  it('stands at the typical rate before the first unit', () => {
    expect(twoPointsOf([0, 0, 0], 0.01)).toEqual({ rate: 0.01, size: 1 });
  });
});
