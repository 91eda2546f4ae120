import { describe, expect, it } from 'vitest';
import { judgeEvidence } from '../../../../../shared/core/deployment/index.ts';
import { openJudge, updateJudge } from '../../../../../shared/core/judging/index.ts';
import { countedBlock, errorShare, judgePlan } from '../../../../helpers/judged-traffic.ts';

const rules = { lookMs: 1, errorBudget: 0.05, slices: [], notes: [] };
const taken = { requestsThroughMs: 0, capturedThroughMs: 0, crashShareBefore: 0, leftOutCount: 0 };

/** A plan by which one failure at a small share is unlikely enough to abort. */
const plan = judgePlan({ metrics: [{ ...errorShare, margin: 0.5, smallestHarm: 0.5 }] });
const stateAfter = (...failures: readonly number[]) =>
  failures.reduce(
    (state, failed, i) =>
      updateJudge(plan, state, countedBlock(i, [1, failed], [i === 0 ? 1_000_000 : 99, 0], { canaryShare: 1e-6 })),
    openJudge(plan),
  );

describe('judgeEvidence', () => {
  it('takes one failed request alone for no evidence, however unlikely it was, and the second for it', () => {
    const one = stateAfter(0, 1);
    const two = stateAfter(0, 1, 1);

    expect(one.aborted).toBeDefined();
    expect(judgeEvidence({ plan, rules, taken, state: one }, 0)).toMatchObject({
      decision: 'undecided',
      reason: 'one failed request alone is no evidence',
      canaryUnitCount: 2,
    });
    expect(judgeEvidence({ plan, rules, taken, state: two }, 0)).toMatchObject({
      decision: 'abort',
      reason: expect.stringMatching(
        /^2 of 3 canary requests failed, 0 of 1000198 of the champion's; the canary is worse/,
      ),
    });
  });

  it('tells what was declared and is not judged', () => {
    const notes = ['slowness is not judged'];

    const { decision, reason, rows } = judgeEvidence(
      { plan, rules: { ...rules, notes }, taken, state: stateAfter(0) },
      0,
    );

    expect(decision).toBe('undecided');
    expect(reason).toMatch(/slowness is not judged$/);
    expect(rows).toHaveLength(1);
  });

  it('judges a version beside which nothing serves by its budget', () => {
    const alone = { requestCount: 10, failureCount: 10 };

    const verdict = judgeEvidence({ plan, rules, taken: { ...taken, alone }, state: openJudge(plan) }, 0);

    expect(verdict).toMatchObject({ decision: 'abort', rows: [], canaryUnitCount: 10 });
  });
});
