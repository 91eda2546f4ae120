import { describe, expect, it } from 'vitest';
import { CONTENDED, retryWhileContended } from '../../../../../shared/adapters/dynamodb/contention.ts';

const pacing = (random: number) => {
  const slept: number[] = [];
  return {
    slept,
    random: () => random,
    sleep: async (ms: number) => {
      slept.push(ms);
    },
    elapsedMs: () => slept.reduce((sum, ms) => sum + ms, 0),
  };
};

describe('retrying while contended', () => {
  it('waits up to a doubling bound, at most four seconds', async () => {
    const { slept, ...rest } = pacing(0.5);
    let attempts = 0;

    const result = await retryWhileContended('x', 60_000, async () => (++attempts < 11 ? CONTENDED : 'done'), rest);

    expect(result).toBe('done');
    expect(slept).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2000, 2000]);
  });

  it('waits in measure with what an attempt takes, so that slow writers come apart', async () => {
    const { slept, ...rest } = pacing(0.5);
    let attempts = 0;
    let attemptedMs = 0;
    const elapsedMs = () => rest.elapsedMs() + attemptedMs;

    await retryWhileContended(
      'x',
      60_000,
      async () => {
        attemptedMs += 300;
        attempts += 1;
        return attempts < 5 ? CONTENDED : 'done';
      },
      { ...rest, elapsedMs },
    );

    expect(slept).toEqual([150, 300, 600, 1200]);
  });

  it('gives up before a wait that would outlast the deadline', async () => {
    const { slept, ...rest } = pacing(0.5);

    const never = retryWhileContended('registering', 100, async () => CONTENDED, rest);

    await expect(never).rejects.toMatchObject({
      name: 'ConflictError',
      message: 'registering lost to other writers 4 times within 100 ms',
    });
    expect(slept).toEqual([10, 20, 40]);
  });
});
