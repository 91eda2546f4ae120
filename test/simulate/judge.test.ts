import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../infra/local/simulation/seeded-random.ts';
import { type JudgeState, openJudge, updateJudge } from '../../shared/core/judging/index.ts';
import { errorShare, eValuesOf, judgePlan } from '../helpers/judged-traffic.ts';
import reference from '../reference/judging/reference.json' with { type: 'json' };
import { claimsOf } from './judge/claims.ts';
import { drawBinomial, drawPoisson } from './judge/draws.ts';
import { renderReport } from './judge/render-report.ts';
import { fixedSampleSize } from './judge/sample-size.ts';
import { simulateJudge } from './judge/simulate-judge.ts';
import { ABORTS, CLEARS, createUnitJudge } from './judge/unit-judge.ts';
import { CHAMPION_RATE, HARMED_RATE, simulateStream } from './judge/unit-streams.ts';

const random = createSeededRandom('judge');
const CANARIES = 200;

describe('a small simulation of the judge', () => {
  const streamOf = (canaryRate: number) =>
    simulateStream({ canaryCount: CANARIES, random, progress: () => {} }, { championsPerCanary: 1, canaryRate });

  it('aborts equal canaries at most at the stated rate while it looks after every unit; a repeated test does not', () => {
    const { aborts } = streamOf(CHAMPION_RATE);

    // Three standard deviations of a binomial share above 5 %.
    const most = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / CANARIES);
    expect(aborts[0]!.stoppedShare).toBeLessThan(most);
    expect(aborts[1]!.stoppedShare).toBeLessThan(most);
    expect(aborts.at(-1)!.stoppedShare).toBeGreaterThan(2 * most);
  });

  it('finds a doubled rate about as soon as a test that looks once, and does not clear it', () => {
    const { aborts, clears, n80 } = streamOf(HARMED_RATE);

    expect(aborts[0]!.meanStop / n80).toBeLessThan(1.2);
    expect(aborts[1]!.meanStop / n80).toBeLessThan(1.5);
    expect(clears.stoppedShare).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / CANARIES));
  });
});

describe('the fast judge of the simulation', () => {
  const plan = judgePlan({ fewestUnits: 0 });
  const canaryShare = 0.2;

  /** The state after one unit more. */
  const updateByUnit = (state: JudgeState, index: number, met: 0 | 1, outcome: number): JudgeState => {
    const unit = { unitCount: 1, sum: outcome, sumOfSquares: outcome * outcome };
    const none = { unitCount: 0, sum: 0 };
    const arms = met === 1 ? { canary: unit, champion: none } : { canary: none, champion: unit };
    const cells = [{ metric: 'errors', slice: 'all', ...arms }];
    return updateJudge(plan, state, { index, startMs: index, endMs: index + 1, canaryShare, cells });
  };

  /** What a look at the state finds. Near the limit the rounding of the state may put it off by a unit. */
  const lookAt = (state: JudgeState): string => {
    const { abort, promote } = eValuesOf(plan, state);
    if (Math.min(Math.abs(abort / 20 - 1), Math.abs(promote / 20 - 1)) < 0.01) return 'close';
    return String((abort >= 20 ? ABORTS : 0) + (promote >= 20 ? CLEARS : 0));
  };

  it.each([
    ['a worse canary, outcomes 0 and 1', 0.12, 1],
    ['an equal canary, outcomes 0 and 1', 0.02, 1],
    ['a better canary, outcomes 0 and 1', 0, 1],
    ['a worse canary, outcomes between', 0.12, 0.6],
  ])('sees what the judge itself sees in blocks of one unit: %s', (name, canaryRate, size) => {
    const { next } = random.fork(name);
    const fast = createUnitJudge({ metric: errorShare, canaryShare, alphaAbort: 0.05, alphaPromote: 0.05 });
    fast.reset();
    let state = openJudge(plan);
    const [looks, expected]: [string[], string[]] = [[], []];
    for (let index = 0; index < 1_500; index += 1) {
      const met = drawBinomial(next, 1, canaryShare) === 1 ? 1 : 0;
      const outcome = size * drawBinomial(next, 1, [0.02, canaryRate][met]!);
      const look = fast.see(met, outcome);
      state = updateByUnit(state, index, met, outcome);
      const wanted = lookAt(state);
      looks.push(wanted === 'close' ? wanted : String(look));
      expected.push(wanted);
    }

    expect(looks).toEqual(expected);
  });
});

describe('a run of passing units', () => {
  it('is seen as one after another would be', () => {
    const terms = { metric: errorShare, canaryShare: 0.05, alphaAbort: 0.05, alphaPromote: 0.05 };
    const [whole, single] = [createUnitJudge(terms), createUnitJudge(terms)];
    const { next } = random.fork('runs');
    whole.reset();
    single.reset();
    const found: number[] = [];
    for (let i = 0; i < 3_000; i += 1) {
      const count = next() % 40;
      const run = whole.seePassing(count);
      let oneByOne = 0;
      for (let k = 0; k < count; k += 1) oneByOne |= single.see(0, 0);
      const met = next() % 2 === 0 ? 1 : 0;
      const failed = met === 0 && next() % 4 === 0 ? 1 : 0;

      expect(run).toBe(oneByOne);
      expect(whole.see(met, failed)).toBe(single.see(met, failed));
      found.push(run);
    }

    expect(found).toContain(CLEARS);
    expect(found).toContain(0);
  });
});

describe('the report', () => {
  it('draws every scenario, with its claims, from one seed the same', () => {
    const options = { seed: 'a<b', canaryCount: 2, nowMs: () => 0, onProgress: () => {} };
    const simulation = simulateJudge(options);

    const page = renderReport(simulation);

    expect(simulateJudge(options)).toEqual(simulation);
    expect(claimsOf(simulation)).toHaveLength(22);
    expect(page).toContain('seed a&lt;b');
    expect(page.match(/<svg /g)).toHaveLength(10);
    expect(page).not.toMatch(/NaN|undefined|Infinity|https?:/);
  });
});

describe('what it is measured by', () => {
  it('has the sample sizes of the textbook', () => {
    const rates = { championRate: 0.01, canaryRate: 0.02 };

    for (const { championsPerCanary, canaryUnits } of reference.sampleSizes)
      expect(fixedSampleSize({ ...rates, championsPerCanary })).toBe(Math.ceil(canaryUnits));
  });

  it('draws counts with the mean and variance of their distributions', () => {
    const { next } = random.fork('draws');
    const momentsOf = (draw: () => number) => {
      const drawn = Array.from({ length: 20_000 }, draw);
      const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
      return { mean, variance: drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length };
    };

    for (const [count, probability] of [
      [200, 0.05],
      [50, 0.9],
    ] as const) {
      const { mean, variance } = momentsOf(() => drawBinomial(next, count, probability));
      expect(mean / (count * probability)).toBeCloseTo(1, 1.5);
      expect(variance / (count * probability * (1 - probability))).toBeCloseTo(1, 1);
    }
    const poisson = momentsOf(() => drawPoisson(next, 30));
    expect(poisson.mean / 30).toBeCloseTo(1, 1.5);
    expect(poisson.variance / 30).toBeCloseTo(1, 1);
  });
});
