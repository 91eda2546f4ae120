import { describe, expect, it } from 'vitest';
import { detectableHarm, judgeCanary } from '../../../../../shared/core/deployment/index.ts';

const counts = (requestCount: number, failureCount: number) => ({ requestCount, failureCount });

describe('judgeCanary', () => {
  it('goes on when the canary fails no more than the champion', () => {
    const verdict = judgeCanary({ canary: counts(300, 3), champion: counts(2_700, 27), maxErrorShareIncrease: 0.05 });

    expect(verdict.decision).toBe('continue');
  });

  it('rolls a broken canary back', () => {
    const verdict = judgeCanary({ canary: counts(40, 40), champion: counts(360, 0), maxErrorShareIncrease: 0.05 });

    expect(verdict.decision).toBe('roll back');
    expect(verdict.reason).toMatch(/^40 of 40 canary requests failed \(100\.0 % more/);
  });

  it('does not roll back on one unlucky request among few', () => {
    const verdict = judgeCanary({ canary: counts(4, 1), champion: counts(36, 3), maxErrorShareIncrease: 0.05 });

    expect(verdict.errorShareIncrease).toBeGreaterThan(0.05);
    expect(verdict.decision).toBe('continue');
  });

  it.each([
    ['the only one, beside a champion that never failed', counts(1, 1), counts(40, 0)],
    ['one of two of a first version', counts(2, 1), undefined],
  ])('does not roll back on a single failed request: %s', (_, canary, champion) => {
    const evidence = { canary, ...(champion ? { champion } : {}), maxErrorShareIncrease: 0.05 };

    expect(judgeCanary(evidence).errorShareIncreaseLower).toBeGreaterThan(0);
    expect(judgeCanary(evidence).decision).toBe('continue');
    expect(judgeCanary({ ...evidence, canary: counts(2, 2) }).decision).toBe('roll back');
  });

  it('does not roll back on a harm that is certain but within the budget', () => {
    const verdict = judgeCanary({
      canary: counts(100_000, 2_000),
      champion: counts(100_000, 0),
      maxErrorShareIncrease: 0.05,
    });

    expect(verdict.errorShareIncreaseLower).toBeGreaterThan(0);
    expect(verdict.decision).toBe('continue');
  });

  it('judges the first version against no failures at all', () => {
    expect(judgeCanary({ canary: counts(50, 20), maxErrorShareIncrease: 0.05 }).decision).toBe('roll back');
    expect(judgeCanary({ canary: counts(50, 0), maxErrorShareIncrease: 0.05 }).decision).toBe('continue');
  });

  it('says so when no request came', () => {
    const verdict = judgeCanary({ canary: counts(0, 0), champion: counts(0, 0), maxErrorShareIncrease: 0.05 });

    expect(verdict).toMatchObject({ decision: 'continue', reason: expect.stringContaining('no request') });
  });
});

describe('detectableHarm', () => {
  it('is caught in four of five simulated canaries, and a smaller harm is not', () => {
    const step = { canaryRequestCount: 250, championRequestCount: 250, maxErrorShareIncrease: 0.03 };
    const harm = detectableHarm(step);
    let state = 42;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const caughtShare = (share: number): number => {
      let caught = 0;
      for (let trial = 0; trial < 2_000; trial += 1) {
        const failureCount = Array.from({ length: 250 }, random).filter((draw) => draw < share).length;
        const verdict = judgeCanary({
          canary: counts(250, failureCount),
          champion: counts(250, 0),
          maxErrorShareIncrease: 0.03,
        });
        if (verdict.decision === 'roll back') caught += 1;
      }
      return caught / 2_000;
    };

    expect(caughtShare(harm)).toBeGreaterThan(0.77);
    expect(caughtShare(harm - 0.01)).toBeLessThan(0.8);
  });

  it('is everything when no request comes', () => {
    expect(detectableHarm({ canaryRequestCount: 0, championRequestCount: 500, maxErrorShareIncrease: 0.05 })).toBe(1);
  });
});
