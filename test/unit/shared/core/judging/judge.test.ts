import { describe, expect, it } from 'vitest';
import {
  type EvidenceBlock,
  type JudgePlan,
  type JudgeState,
  judge,
  openJudge,
  updateJudge,
} from '../../../../../shared/core/judging/index.ts';
import { countedBlock, errorShare, judgePlan } from '../../../../helpers/judged-traffic.ts';

const play = (plan: JudgePlan, blocks: readonly EvidenceBlock[]): JudgeState =>
  blocks.reduce((state, block) => updateJudge(plan, state, block), openJudge(plan));

const repeat = (
  count: number,
  canary: readonly [number, number],
  champion: readonly [number, number],
  over: { readonly metric?: string; readonly slice?: string } = {},
): readonly EvidenceBlock[] => Array.from({ length: count }, (_, i) => countedBlock(i, canary, champion, over));

describe('judge', () => {
  const plan = judgePlan();

  it('promotes a canary that is shown to be no worse by the margin', () => {
    const state = play(plan, repeat(60, [200, 2], [200, 2]));

    const verdict = judge(plan, state, 0);

    expect(verdict).toMatchObject({ decision: 'promote', action: 'promote' });
    expect(verdict.rows[0]!.upper).toBeLessThan(errorShare.margin);
    expect(verdict.reason).toMatch(
      /^not worse by the margin in the metric; errors: \+0 points \(−.* points to .* points\) after 12000 canary units$/,
    );
  });

  it('aborts a canary that is shown to be worse, and rolls back even when later blocks look well', () => {
    const bad = repeat(10, [200, 20], [200, 2]);
    const good = Array.from({ length: 400 }, (_, i) => countedBlock(10 + i, [200, 1], [200, 2]));

    const verdict = judge(plan, play(plan, [...bad, ...good]), 0);

    expect(verdict).toMatchObject({ decision: 'abort', action: 'roll back' });
    expect(verdict.reason).toMatch(
      /^the canary is worse, shown at 1970-01-01T00:00:0\d.000Z by an e-value of [\d.e+]+; now errors:/,
    );
  });

  it('says that there is not enough evidence yet, and waits until the deadline', () => {
    const state = play(plan, repeat(5, [20, 0], [20, 1]));

    const before = judge(plan, state, plan.deadlineMs - 1);
    const after = judge(plan, state, plan.deadlineMs);

    expect(before).toMatchObject({ decision: 'undecided', action: 'wait' });
    expect(after).toMatchObject({ decision: 'undecided', action: 'roll back' });
    expect(before.reason).toMatch(
      /^not enough evidence yet; errors: −5 points .* after 100 canary units; a harm of \+[\d.]+ points would have been found with 80 % probability$/,
    );
    expect(after.reason).toMatch(/^not enough evidence by the deadline: roll back; /);
  });

  it.each(['promote', 'hold'] as const)('does at the deadline what the plan states: %s', (atDeadline) => {
    const other = judgePlan({ atDeadline });

    expect(judge(other, openJudge(other), other.deadlineMs)).toMatchObject({
      decision: 'undecided',
      action: atDeadline,
    });
  });

  it('has nothing to say of no units, and no NaN', () => {
    const [row] = judge(plan, openJudge(plan), 0).rows;

    expect(row).toEqual({
      metric: 'errors',
      slice: 'all',
      lower: -1,
      upper: 1,
      eValueAbort: expect.closeTo(1, 12),
      abortAt: expect.closeTo(20, 9),
      eValuePromote: expect.closeTo(0.92, 12),
      units: { canary: 0, champion: 0 },
    });
  });

  it('promotes nothing with fewer units than the plan asks for', () => {
    const blocks = repeat(60, [200, 2], [200, 2]);
    const careful = judgePlan({ fewestUnits: 12_001 });

    expect(judge(careful, play(careful, blocks), 0).decision).toBe('undecided');
  });

  it('promotes only when every metric of the whole traffic is cleared', () => {
    const two = judgePlan({
      metrics: [
        { ...errorShare, weight: 0.5 },
        { ...errorShare, name: 'slow', weight: 0.5 },
      ],
    });
    const errors = repeat(60, [200, 2], [200, 2]);
    const slow = repeat(60, [200, 2], [200, 2], { metric: 'slow' });
    const both = errors.map((block, i) => ({ ...block, cells: [...block.cells, ...slow[i]!.cells] }));

    expect(judge(two, play(two, errors), 0).decision).toBe('undecided');
    expect(judge(two, play(two, both), 0).decision).toBe('promote');
  });

  it('aborts by one bad slice, at a limit that grows as its weight shrinks', () => {
    const sliced = judgePlan({
      slices: [
        { name: 'all', weight: 0.9 },
        { name: 'night', weight: 0.1 },
      ],
    });

    const verdict = judge(sliced, play(sliced, repeat(10, [50, 10], [50, 0], { slice: 'night' })), 0);

    expect(verdict).toMatchObject({ decision: 'abort' });
    expect(verdict.reason).toContain('errors in night');
    expect(verdict.rows.map(({ abortAt }) => Math.round(abortAt))).toEqual([22, 200]);
  });

  it('holds any change against the canary where both ways may harm', () => {
    const metric = { ...errorShare, name: 'predictions', kind: 'mean', harm: 'either', margin: 0.05 } as const;
    const either = judgePlan({ metrics: [metric] });
    const lower = repeat(20, [200, 40], [200, 80], { metric: 'predictions' });
    const alike = repeat(80, [200, 80], [200, 80], { metric: 'predictions' });

    expect(judge(either, play(either, lower), 0)).toMatchObject({
      decision: 'abort',
      rows: [{ upper: expect.any(Number) }],
    });
    expect(judge(either, play(either, lower), 0).rows[0]!.upper).toBeLessThan(0);
    expect(judge(either, play(either, alike), 0).decision).toBe('promote');
  });

  it('is of one mind in its bounds and its e-values', () => {
    for (const failures of [0, 2, 4, 6, 8, 10]) {
      const [row] = judge(plan, play(plan, repeat(8, [200, failures], [200, 2])), 0).rows;

      expect(row!.lower > 0).toBe(row!.eValueAbort >= row!.abortAt);
      expect(row!.upper < errorShare.margin).toBe(row!.eValuePromote >= 20);
      expect(row!.lower).toBeLessThan(row!.estimate!);
      expect(row!.upper).toBeGreaterThan(row!.estimate!);
    }
  });
});
