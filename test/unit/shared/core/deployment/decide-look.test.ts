import { describe, expect, it } from 'vitest';
import { decideLook, type LookFacts } from '../../../../../shared/core/deployment/index.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../../shared/kernel/time.ts';

const LOOK_MS = 5 * MINUTE_MS;
const undecided = { decision: 'undecided', reason: 'not enough evidence yet' } as const;
const facts = (over: Partial<LookFacts> = {}): LookFacts => ({
  nowMs: HOUR_MS,
  verdict: undecided,
  canaryUnitCount: 10,
  plan: { deadlineMs: 2 * HOUR_MS, atDeadline: 'promote' },
  startedAtMs: 0,
  lookMs: LOOK_MS,
  step: { endsAtMs: HOUR_MS, isLast: false },
  ...over,
});
const last = { endsAtMs: HOUR_MS, isLast: true };
const late = (atDeadline: 'promote' | 'roll back' | 'hold', over: Partial<LookFacts> = {}): LookFacts =>
  facts({ nowMs: 2 * HOUR_MS, step: last, plan: { deadlineMs: 2 * HOUR_MS, atDeadline }, ...over });

describe('decideLook', () => {
  it('rolls a harmful canary back at any look, however long its step still has', () => {
    const verdict = { decision: 'abort', reason: 'worse' } as const;

    expect(decideLook(facts({ nowMs: 1, verdict }))).toEqual({
      action: 'roll back',
      decidedBy: 'judge',
      reason: 'worse',
    });
    expect(decideLook(facts({ nowMs: 1, alarm: 'crashes' }))).toMatchObject({ action: 'roll back', reason: 'crashes' });
  });

  it('waits until a step was served, also with a canary that is cleared already', () => {
    const verdict = { decision: 'promote', reason: 'not worse' } as const;

    expect(decideLook(facts({ nowMs: 10 * MINUTE_MS, verdict }))).toMatchObject({
      action: 'wait',
      nextLookAtMs: 15 * MINUTE_MS,
    });
    // The last look of a step is at its end.
    expect(decideLook(facts({ nowMs: HOUR_MS - MINUTE_MS })).nextLookAtMs).toBe(HOUR_MS);
  });

  it('goes to the next step when one was served and nothing speaks against it', () => {
    expect(decideLook(facts())).toEqual({
      action: 'next step',
      decidedBy: 'schedule',
      reason: 'not enough evidence yet',
    });
  });

  it('promotes on evidence once the last step was served, and waits without it until the deadline', () => {
    const verdict = { decision: 'promote', reason: 'not worse' } as const;

    expect(decideLook(facts({ step: last, verdict }))).toMatchObject({ action: 'promote', decidedBy: 'judge' });
    expect(decideLook(facts({ step: last }))).toMatchObject({
      action: 'wait',
      nextLookAtMs: HOUR_MS + LOOK_MS,
    });
    const nearly = 2 * HOUR_MS - 1;
    expect(decideLook(facts({ nowMs: nearly, step: last })).nextLookAtMs).toBe(2 * HOUR_MS);
  });

  it('does at the deadline what was declared, and says so', () => {
    expect(decideLook(late('promote'))).toEqual({
      action: 'promote',
      decidedBy: 'deadline',
      reason: 'never found worse; not enough evidence yet',
    });
    expect(decideLook(late('roll back'))).toMatchObject({ action: 'roll back', decidedBy: 'deadline' });
    expect(decideLook(late('promote', { canaryUnitCount: 0 })).reason).toBe(
      'no request reached the canary: it goes on by its smoke test alone; not enough evidence yet',
    );
  });

  it('holds for a person with looks growing apart, and not for ever', () => {
    let nowMs = 2 * HOUR_MS;
    const gaps: number[] = [];
    let decided = decideLook(late('hold', { nowMs }));
    while (decided.nextLookAtMs !== undefined) {
      expect(decided).toMatchObject({ action: 'hold', decidedBy: 'deadline' });
      gaps.push(decided.nextLookAtMs - nowMs);
      nowMs = decided.nextLookAtMs;
      decided = decideLook(late('hold', { nowMs }));
    }

    expect(gaps[0]).toBe(LOOK_MS);
    expect(gaps.toSorted((a, b) => a - b)).toEqual(gaps);
    expect(gaps.length).toBeLessThan(130);
    expect(nowMs).toBeGreaterThanOrEqual(40 * DAY_MS);
    // The execution lives sixty days.
    expect(nowMs).toBeLessThan(45 * DAY_MS);
    expect(decided).toMatchObject({ action: 'roll back', decidedBy: 'deadline' });
  });

  it('ends a hold when the judge has seen enough', () => {
    const verdict = { decision: 'promote', reason: 'not worse' } as const;

    expect(decideLook(late('hold', { nowMs: 5 * HOUR_MS, verdict }))).toMatchObject({ action: 'promote' });
  });

  it.each(['promote', 'roll back'] as const)('heeds a person’s word before all else: %s', (action) => {
    const decision = { action, reason: 'seen enough', decidedBy: 'ann', decidedAtMs: 1 };
    const verdict = { decision: 'abort', reason: 'worse' } as const;

    expect(decideLook(facts({ nowMs: 1, verdict, decision }))).toEqual({
      action,
      decidedBy: 'person',
      reason: 'ann: seen enough',
    });
  });
});
