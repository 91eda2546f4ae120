import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../../shared/core/judging/index.ts';
import { errorShare, judgePlan } from '../../../../helpers/judged-traffic.ts';

const slices = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `s${i}`, weight: 1 / count }));

describe('checkPlan', () => {
  it('takes a plan whose weights add up to 1', () => {
    expect(() => checkPlan(judgePlan())).not.toThrow();
  });

  it.each([
    ['alphaAbort must be in (0, 0.5], got 0', judgePlan({ alphaAbort: 0 })],
    ['alphaPromote must be in (0, 0.5], got NaN', judgePlan({ alphaPromote: Number.NaN })],
    ['a judge needs at least one of its metrics', judgePlan({ metrics: [] })],
    ['weight of errors must be in (0, 1], got -1', judgePlan({ metrics: [{ ...errorShare, weight: -1 }] })],
    [
      'weights of metrics must add up to 1, got 1.5',
      judgePlan({ metrics: [errorShare, { ...errorShare, name: 'slow', weight: 0.5 }] }),
    ],
    ['metrics must have different names', judgePlan({ metrics: [errorShare, errorShare] })],
    ['margin of errors must be in (0, 1), got 0', judgePlan({ metrics: [{ ...errorShare, margin: 0 }] })],
    ['smallestHarm of errors must be in (0, 1), got 2', judgePlan({ metrics: [{ ...errorShare, smallestHarm: 2 }] })],
    [
      'tolerated of errors must be in [0, margin 0.01], got 0.02',
      judgePlan({ metrics: [{ ...errorShare, tolerated: 0.02 }] }),
    ],
    [
      'smallestHarm of errors must be in (0.01, 1), got 0.01',
      judgePlan({ metrics: [{ ...errorShare, tolerated: 0.01 }] }),
    ],
    ['slices must contain all, got ["s0"]', judgePlan({ slices: slices(1) })],
    [
      'metrics × slices must be at most 84, got 85',
      judgePlan({ slices: [...slices(84), { name: 'all', weight: 1e-12 }] }),
    ],
    ['fewestUnits must be an integer from 0, got 0.5', judgePlan({ fewestUnits: 0.5 })],
    ['deadlineMs must be epoch ms, got NaN', judgePlan({ deadlineMs: Number.NaN })],
  ])('refuses: %s', (message, plan) => {
    expect(() => checkPlan(plan)).toThrow(message);
  });

  it('refuses words that it does not know', () => {
    const odd = (over: object) => () => checkPlan(judgePlan({ metrics: [{ ...errorShare, ...over }] }));

    expect(odd({ kind: 'sum' })).toThrow('kind of errors must be share or mean, got "sum"');
    expect(odd({ harm: 'less' })).toThrow('harm of errors must be increase or either, got "less"');
    expect(odd({ allocation: 'some' })).toThrow('allocation of errors must be drawn or observed, got "some"');
    expect(() => checkPlan(judgePlan({ atDeadline: 'wait' as 'hold' }))).toThrow(
      'atDeadline must be promote, roll back or hold, got "wait"',
    );
  });
});
