import { describe, expect, it } from 'vitest';
import {
  type EvidenceBlock,
  type JudgePlan,
  type JudgeState,
  openJudge,
  updateJudge,
} from '../../../../../shared/core/judging/index.ts';
import { countedBlock, errorShare, eValuesOf, judgePlan } from '../../../../helpers/judged-traffic.ts';
import { fc } from '../../../../helpers/properties.ts';

const abortEvidence = (plan: JudgePlan, state: JudgeState): number => eValuesOf(plan, state).abort;

const unitBlock = (index: number, met: number, outcome: number, canaryShare: number | undefined): EvidenceBlock => {
  const unit = { unitCount: 1, sum: outcome, sumOfSquares: outcome * outcome };
  const none = { unitCount: 0, sum: 0 };
  return {
    index,
    startMs: index,
    endMs: index + 1,
    ...(canaryShare === undefined ? {} : { canaryShare }),
    cells: [{ metric: 'errors', slice: 'all', canary: met === 1 ? unit : none, champion: met === 1 ? none : unit }],
  };
};

const play = (plan: JudgePlan, blocks: readonly EvidenceBlock[]): JudgeState =>
  blocks.reduce((state, block) => updateJudge(plan, state, block), openJudge(plan));

/** Every list of so many bits. */
const allBits = (count: number): readonly (readonly number[])[] =>
  Array.from({ length: 2 ** count }, (_, code) => Array.from({ length: count }, (_, i) => (code >> i) & 1));

describe('what the champion showed before', () => {
  const plan = judgePlan({ metrics: [{ ...errorShare, margin: 0.01 }], fewestUnits: 0 });
  // 2 in 1,000 fail, of either version; nobody knows the rate until the first block has been bet on.
  const block = countedBlock(0, [50_000, 100], [50_000, 100]);
  const before = { errors: { unitCount: 400_000, sum: 800 } };

  it('makes a first block of any size count', () => {
    const [without, withIt] = [openJudge(plan), openJudge(plan, before)].map((state) =>
      eValuesOf(plan, updateJudge(plan, state, block)),
    );

    expect(withIt!.promote).toBeGreaterThan(20);
    expect(withIt!.promote).toBeGreaterThan(10 * without!.promote);
  });

  it('is no evidence by itself, and costs none', () => {
    expect(eValuesOf(plan, openJudge(plan, before))).toEqual(eValuesOf(plan, openJudge(plan)));
    const mean = allBits(8).reduce((sum, met) => {
      const blocks = met.map((one, i) => unitBlock(i, one, i % 3 === 0 ? 1 : 0, 0.3));
      const state = blocks.reduce((judged, one) => updateJudge(plan, judged, one), openJudge(plan, before));
      return sum + met.reduce((product, one) => product * (one === 1 ? 0.3 : 0.7), 1) * abortEvidence(plan, state);
    }, 0);
    expect(mean).toBeLessThanOrEqual(1 + 1e-9);
  });
});

describe('the evidence against equal versions', () => {
  const outcomes = [1, 0, 1, 0.4, 0, 0, 1, 0, 0.7, 0];

  it.each(['increase', 'either'] as const)('is 1 in the mean over all assignments, for any outcomes (%s)', (harm) => {
    const plan = judgePlan({ metrics: [{ ...errorShare, harm, margin: 0.2, smallestHarm: 0.1 }] });
    const share = 0.3;

    const mean = allBits(outcomes.length).reduce((sum, met) => {
      const state = play(
        plan,
        outcomes.map((outcome, i) => unitBlock(i, met[i]!, outcome, share)),
      );
      const chance = met.reduce((product, one) => product * (one === 1 ? share : 1 - share), 1);
      return sum + chance * abortEvidence(plan, state);
    }, 0);

    // Rounding down to six decimals takes at most 1e-6 from each unit.
    expect(mean).toBeLessThanOrEqual(1 + 1e-9);
    expect(mean).toBeGreaterThan(1 - 1e-4);
  });

  it.each([
    ['increase', 1],
    ['either', 1],
    ['either', -1],
  ] as const)(
    'is at most 1 in the mean over all assignments of a canary that differs by what is tolerated (%s, %i)',
    (harm, sign) => {
      const effect = 0.1;
      const share = 0.3;
      const champions = outcomes.map((outcome) => (sign === 1 ? outcome * 0.9 : outcome * 0.9 + 0.1));
      const meanWith = (tolerated: number): number => {
        const plan = judgePlan({ metrics: [{ ...errorShare, harm, margin: 0.2, smallestHarm: 0.15, tolerated }] });
        return allBits(outcomes.length).reduce((sum, met) => {
          const blocks = champions.map((outcome, i) =>
            unitBlock(i, met[i]!, met[i] === 1 ? outcome + sign * effect : outcome, share),
          );
          const chance = met.reduce((product, one) => product * (one === 1 ? share : 1 - share), 1);
          return sum + chance * abortEvidence(plan, play(plan, blocks));
        }, 0);
      };

      expect(meanWith(effect)).toBeLessThanOrEqual(1 + 1e-9);
      // The same canary is worse than one of which nothing is tolerated.
      if (harm === 'increase') expect(meanWith(0)).toBeGreaterThan(1.05);
    },
  );

  it('is at most 1 in the mean when a block gives only its sums', () => {
    const plan = judgePlan();
    const share = 0.3;

    const mean = allBits(outcomes.length).reduce((sum, met) => {
      const armOf = (arm: number) => {
        const own = outcomes.filter((_, i) => met[i] === arm);
        return {
          unitCount: own.length,
          sum: own.reduce((a, b) => a + b, 0),
          sumOfSquares: own.reduce((a, b) => a + b * b, 0),
        };
      };
      const cells = [{ metric: 'errors', slice: 'all', canary: armOf(1), champion: armOf(0) }];
      const state = updateJudge(plan, openJudge(plan), { index: 0, startMs: 0, endMs: 1, canaryShare: share, cells });
      const chance = met.reduce((product, one) => product * (one === 1 ? share : 1 - share), 1);
      return sum + chance * abortEvidence(plan, state);
    }, 0);

    expect(mean).toBeLessThanOrEqual(1);
    expect(mean).toBeGreaterThan(0.9);
  });

  it('is at most 1 in the mean over outcomes when the division is observed, not drawn', () => {
    const plan = judgePlan({ metrics: [{ ...errorShare, allocation: 'observed' }] });
    const [canaryUnits, championUnits, rate] = [4, 6, 0.3];

    const mean = allBits(canaryUnits + championUnits).reduce((sum, failed) => {
      const failures = (from: number, to: number) => failed.slice(from, to).reduce((a, b) => a + b, 0);
      const [canary, champion] = [failures(0, canaryUnits), failures(canaryUnits, failed.length)];
      const block = countedBlock(0, [canaryUnits, canary], [championUnits, champion], { canaryShare: 0.9 });
      const chance = failed.reduce((product, one) => product * (one === 1 ? rate : 1 - rate), 1);
      return sum + chance * abortEvidence(plan, updateJudge(plan, openJudge(plan), block));
    }, 0);

    expect(mean).toBeLessThanOrEqual(1);
    expect(mean).toBeGreaterThan(0.9);
  });
});

describe('the evidence against a canary that is worse by the margin', () => {
  it('is at most 1 in the mean over assignments and outcomes, whatever the base rate does', () => {
    const plan = judgePlan({ metrics: [{ ...errorShare, margin: 0.2 }] });
    const share = 0.4;
    const rates = [0.05, 0.7, 0.3, 0.1, 0.5];

    const mean = allBits(2 * rates.length).reduce((sum, bits) => {
      const [met, failed] = [bits.slice(0, rates.length), bits.slice(rates.length)];
      const state = play(
        plan,
        rates.map((_, i) => unitBlock(i, met[i]!, failed[i]!, share)),
      );
      const chance = rates.reduce((product, base, i) => {
        const rate = met[i] === 1 ? base + 0.2 : base;
        return product * (met[i] === 1 ? share : 1 - share) * (failed[i] === 1 ? rate : 1 - rate);
      }, 1);
      return sum + chance * eValuesOf(plan, state).promote;
    }, 0);

    expect(mean).toBeLessThanOrEqual(1);
    expect(mean).toBeGreaterThan(0.85);
  });
});

describe('updateJudge', () => {
  const plan = judgePlan();

  it('changes nothing for a block that it has, or that is older', () => {
    const once = play(plan, [countedBlock(3, [100, 2], [100, 1])]);

    expect(updateJudge(plan, once, countedBlock(3, [100, 90], [100, 1]))).toBe(once);
    expect(updateJudge(plan, once, countedBlock(2, [100, 90], [100, 1]))).toBe(once);
  });

  it('goes on where its JSON was read again', () => {
    const blocks = [countedBlock(0, [100, 2], [100, 1]), countedBlock(1, [50, 0], [150, 3])];
    const [first, second] = blocks;
    const kept = JSON.parse(JSON.stringify(play(plan, [first!]))) as JudgeState;

    expect(updateJudge(plan, kept, second!)).toEqual(play(plan, blocks));
  });

  it('aborts a canary that fails ten times as often, at the first block that shows it, and stays with that', () => {
    const bad = Array.from({ length: 5 }, (_, i) => countedBlock(i, [200, 20], [200, 2]));
    const good = Array.from({ length: 50 }, (_, i) => countedBlock(5 + i, [200, 0], [200, 4]));

    const state = play(plan, [...bad, ...good]);

    expect(state.aborted).toMatchObject({
      metric: 'errors',
      slice: 'all',
      atMs: (state.aborted!.blockIndex + 1) * 1_000,
    });
    expect(state.aborted!.blockIndex).toBeLessThan(3);
    expect(state.aborted!.eValue).toBeGreaterThanOrEqual(20);
    expect(abortEvidence(plan, state)).toBeLessThan(1);
  });

  it('is not moved by a base rate that changes for both versions', () => {
    const storms = Array.from({ length: 100 }, (_, i) => {
      const rate = i % 2 === 0 ? 0.12 : 0.42;
      return countedBlock(i, [100, 100 * rate], [900, 900 * rate], { canaryShare: 0.1 });
    });

    expect(abortEvidence(plan, play(plan, storms))).toBeLessThan(1);
  });

  it('takes no evidence from a cell that one version alone was seen in, where the division is observed', () => {
    const observed = judgePlan({ metrics: [{ ...errorShare, allocation: 'observed' }] });

    expect(abortEvidence(observed, play(observed, [countedBlock(0, [100, 50], [0, 0])]))).toBe(1);
  });

  it('fits 32 KB after long use with 20 slices and the whole traffic × 4 metrics', () => {
    const metrics = ['a', 'b', 'c', 'd'].map((name) => ({
      ...errorShare,
      name,
      harm: 'either' as const,
      weight: 0.25,
    }));
    const slices = Array.from({ length: 21 }, (_, i) => ({ name: i === 0 ? 'all' : `slice ${i}`, weight: 1 / 21 }));
    const large = judgePlan({ metrics, slices });
    let state = openJudge(large);
    for (let index = 0; index < 50; index += 1) {
      const cells = metrics.flatMap(({ name }) =>
        slices.map(({ name: slice }, i) => {
          const arm = { unitCount: 12_345 + i, sum: 1_234.567_891 + index / 7, sumOfSquares: 456.789_123 + index / 9 };
          return { metric: name, slice, canary: arm, champion: arm };
        }),
      );
      state = updateJudge(large, state, { index, startMs: 0, endMs: 1, canaryShare: 0.137, cells });
    }

    expect(JSON.stringify(state).length).toBeLessThanOrEqual(32_768);
  });

  it('does not look at the order of a block’s cells', () => {
    const two = judgePlan({
      slices: [
        { name: 'all', weight: 0.5 },
        { name: 'night', weight: 0.5 },
      ],
    });
    const block = { ...countedBlock(0, [10, 2], [10, 1]) };
    const night = countedBlock(0, [5, 1], [5, 0], { slice: 'night' }).cells;

    const forward = updateJudge(two, openJudge(two), { ...block, cells: [...block.cells, ...night] });
    const backward = updateJudge(two, openJudge(two), { ...block, cells: [...night, ...block.cells] });

    expect(backward).toEqual(forward);
  });

  it.each([
    ['which the plan does not name', countedBlock(0, [1, 0], [1, 0], { metric: 'slow' })],
    ['canaryShare of evidence block 0 must be in (0, 1), got 1', countedBlock(0, [1, 0], [1, 0], { canaryShare: 1 })],
    ['sum must be in [0, unitCount 10], got 11', countedBlock(0, [10, 11], [1, 0])],
    ['unitCount must be an integer from 0, got 1.5', countedBlock(0, [1.5, 0], [1, 0])],
    ['index of an evidence block must be an integer from 0, got -1', countedBlock(-1, [1, 0], [1, 0])],
  ])('refuses evidence: %s', (message, block) => {
    expect(() => updateJudge(plan, openJudge(plan), block)).toThrow(message);
  });

  it('refuses squares that no outcomes in [0, 1] have, a cell that comes twice, and another plan', () => {
    const block = countedBlock(0, [10, 2], [10, 1]);
    const [cell] = block.cells;
    const squares = { ...block, cells: [{ ...cell!, canary: { unitCount: 10, sum: 2, sumOfSquares: 3 } }] };
    const other = judgePlan({
      slices: [
        { name: 'all', weight: 0.5 },
        { name: 'night', weight: 0.5 },
      ],
    });

    expect(() => updateJudge(plan, openJudge(plan), squares)).toThrow('sumOfSquares must be in');
    expect(() => updateJudge(plan, openJudge(plan), { ...block, cells: [cell!, cell!] })).toThrow(
      'errors of all twice',
    );
    expect(() => updateJudge(other, openJudge(plan), block)).toThrow('a plan may not change under a judge');
  });

  it('grows by failures of the canary and shrinks by those of the champion', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 99 }), (units, failures) => {
        const few = Math.min(failures, units - 1);
        const one = play(plan, [countedBlock(0, [units, few], [100, 10])]);
        const more = play(plan, [countedBlock(0, [units, few + 1], [100, 10])]);
        const champion = play(plan, [countedBlock(0, [units, few], [100, 11])]);

        expect(abortEvidence(plan, more)).toBeGreaterThan(abortEvidence(plan, one));
        expect(abortEvidence(plan, champion)).toBeLessThan(abortEvidence(plan, one));
      }),
    );
  });
});
