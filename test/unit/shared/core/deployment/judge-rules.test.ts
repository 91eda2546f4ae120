import { describe, expect, it } from 'vitest';
import { judgeRules, lookMsOf } from '../../../../../shared/core/deployment/index.ts';
import { checkPlan } from '../../../../../shared/core/judging/index.ts';
import { MINUTE_MS } from '../../../../../shared/kernel/time.ts';

const STEPS = { startedAtMs: 1_000, steps: [0.1, 0.5, 1], bakeMs: 60 * MINUTE_MS, evidenceLagMs: 0 };
const declared = {
  errors: { tolerated: 0, weight: 1 },
  slices: [],
  alpha: 0.05,
  atDeadline: 'promote',
  fewestUnits: 50,
} as const;
const slowness = { margin: 0.05, tolerated: 0.02, weight: 1 };
const prediction = { margin: 0.1, tolerated: 0, weight: 2 };

describe('judgeRules', () => {
  it('judges failed requests alone where nothing is declared, until the steps are over', () => {
    const { plan, rules } = judgeRules({ maxErrorShareIncrease: 0.05 }, STEPS, 0);

    expect(plan).toEqual({
      alphaAbort: 0.05,
      alphaPromote: 0.05,
      metrics: [{ name: 'errors', kind: 'share', harm: 'increase', margin: 0.05, weight: 1 }],
      slices: [{ name: 'all', weight: 1 }],
      deadlineMs: 1_000 + 120 * MINUTE_MS,
      atDeadline: 'promote',
      fewestUnits: 50,
    });
    expect(rules).toEqual({ lookMs: 5 * MINUTE_MS, errorBudget: 0.05, slices: [], notes: [] });
  });

  it('waits at the deadline for evidence that comes late, unless the deadline is declared', () => {
    const late = { ...STEPS, evidenceLagMs: 21 * MINUTE_MS };
    const judge = { ...declared, deadlineMinutes: 600 };

    expect(judgeRules({ maxErrorShareIncrease: 0.05 }, late, 0).plan.deadlineMs).toBe(1_000 + 141 * MINUTE_MS);
    expect(judgeRules({ maxErrorShareIncrease: 0.05, judge }, late, 0).plan.deadlineMs).toBe(1_000 + 600 * MINUTE_MS);
  });

  it('divides alpha by the weights over what is declared, and half of it over the slices', () => {
    const where = { feature: 'x', equals: 1 };
    const slices = [
      { name: 'a', where, weight: 1 },
      { name: 'b', where, weight: 3 },
    ];
    const judge = { ...declared, slowness, prediction, slices, deadlineMinutes: 600, lookMinutes: 2 };

    const { plan, rules } = judgeRules({ maxErrorShareIncrease: 0.05, judge }, STEPS, 500);

    expect(plan.metrics.map(({ name, weight }) => [name, weight])).toEqual([
      ['errors', 0.25],
      ['slow', 0.25],
      ['prediction', 0.5],
    ]);
    expect(plan.metrics[1]).toMatchObject({ tolerated: 0.02, allocation: 'observed', harm: 'increase' });
    expect(plan.metrics[2]).toMatchObject({ harm: 'either', allocation: 'observed' });
    expect(plan.slices).toEqual([
      { name: 'all', weight: 0.5 },
      { name: 'a', weight: 0.125 },
      { name: 'b', weight: 0.375 },
    ]);
    expect(plan.deadlineMs).toBe(1_000 + 600 * MINUTE_MS);
    expect(rules).toMatchObject({ lookMs: 2 * MINUTE_MS, outputScale: [0, 1], slices: [{ name: 'a' }, { name: 'b' }] });
    expect(() => checkPlan(plan)).not.toThrow();
  });

  it('does not judge slowness beside a champion that answered too little, and says so', () => {
    const { plan, rules } = judgeRules({ maxErrorShareIncrease: 0.05, judge: { ...declared, slowness } }, STEPS, 199);

    expect(plan.metrics).toMatchObject([{ name: 'errors', weight: 1 }]);
    expect(rules.notes).toEqual([
      'slowness is not judged: the champion has 199 captured warm latencies of the day before, of 200 that it takes',
    ]);
  });

  it('takes a budget of nothing for the smallest that a plan can have', () => {
    expect(() => checkPlan(judgeRules({ maxErrorShareIncrease: 0 }, STEPS, 0).plan)).not.toThrow();
    expect(() => checkPlan(judgeRules({ maxErrorShareIncrease: 1 }, STEPS, 0).plan)).not.toThrow();
  });
});

it.each([
  [1, undefined, 1],
  [60, undefined, 5],
  [1_440, undefined, 15],
  [10_080, undefined, 30],
  [60, 20, 20],
])('a step of %i minutes with %s declared is looked at every %i', (bakeMinutes, lookMinutes, expected) => {
  expect(lookMsOf(bakeMinutes * MINUTE_MS, lookMinutes)).toBe(expected * MINUTE_MS);
});
