import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Environment } from '../../../../../infra/local/lambda/environment.ts';
import { createEnvironmentPool, type PoolLimits } from '../../../../../infra/local/lambda/environment-pool.ts';

const bench = (ready?: PoolLimits['ready'], leaps?: PoolLimits['leaps']) => {
  let started = 0;
  const limits = { perKey: 3, idle: 8, idleMs: 1_000, ...(leaps === undefined ? {} : { leaps }) };
  const pool = createEnvironmentPool({ ...limits, ...(ready === undefined ? {} : { ready }) });
  const start = (): Environment => {
    started += 1;
    const logStream = `environment ${started}`;
    return {
      logStream,
      alive: () => true,
      initMs: () => 0,
      nowMs: () => 0,
      invoke: async () => ({ payload: '' }),
      stop: async () => {},
    };
  };
  /** Borrows an environment until `end` is called; `began` tells which. */
  const borrow = () => {
    const end = Promise.withResolvers<void>();
    const began = Promise.withResolvers<string>();
    const done = pool.use('f', start, async ({ logStream }) => {
      began.resolve(logStream);
      await end.promise;
    });
    return { began: began.promise, end: end.resolve, done };
  };
  return { borrow, stop: pool.stop };
};

const LONG_MS = 60_000;

afterEach(() => {
  vi.useRealTimers();
});

describe('environment pool', () => {
  it('starts environments as they are wanted, and lets more requests than may be wait', async () => {
    const { borrow, stop } = bench();
    const [first, ...others] = [borrow(), borrow(), borrow()];
    const fourth = borrow();

    const names = await Promise.all([first, ...others].map((one) => one?.began));
    first?.end();

    expect(names).toEqual(['environment 1', 'environment 2', 'environment 3']);
    expect(await fourth.began).toBe('environment 1');
    for (const one of [...others, fourth]) one.end();
    await stop();
  });

  it('waits for one that is ready rather than start another', async () => {
    const { borrow, stop } = bench({ count: 1, patienceMs: LONG_MS });
    const [first, second] = [borrow(), borrow()];

    await first.began;
    first.end();

    expect(await second.began).toBe('environment 1');
    second.end();
    await stop();
  });

  it('starts another when none came free for too long', async () => {
    const { borrow, stop } = bench({ count: 1, patienceMs: 1 });
    const [first, second] = [borrow(), borrow()];

    const names = [await first.began, await second.began];

    expect(names).toEqual(['environment 1', 'environment 2']);
    first.end();
    second.end();
    await stop();
  });

  it('leaves an idle environment alone while as many as are ready work', async () => {
    const { borrow, stop } = bench({ count: 1, patienceMs: 20 });
    const [first, second] = [borrow(), borrow()];
    await Promise.all([first.began, second.began]);
    second.end();
    await second.done;

    const third = borrow();
    first.end();

    expect(await third.began).toBe('environment 1');
    third.end();
    await stop();
  });

  it('waits for none whose latest work took longer than it would wait', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { borrow, stop } = bench({ count: 1, patienceMs: 30 });
    const work = async (workMs: number) => {
      const one = borrow();
      await one.began;
      vi.advanceTimersByTime(workMs);
      one.end();
      await one.done;
    };
    await work(0);
    await work(50);

    const [first, second] = [borrow(), borrow()];
    const names = [await first.began, await second.began];

    expect(names).toEqual(['environment 1', 'environment 2']);
    first.end();
    second.end();
    await stop();
  });

  describe('while nobody asks', () => {
    /** Lets an environment be idle, a look at it for each step of the virtual time; answers which one is asked next. */
    const askAfter = async (stepsMs: readonly number[]): Promise<string> => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      let nowMs = 0;
      const { borrow, stop } = bench(undefined, { nowMs: () => nowMs, keepMs: 100_000 });
      const first = borrow();
      await first.began;
      first.end();
      await first.done;
      for (const stepMs of stepsMs) {
        nowMs += stepMs;
        vi.advanceTimersByTime(1_000);
      }
      const second = borrow();
      const name = await second.began;
      second.end();
      await stop();
      return name;
    };

    it('gives an environment up in time that flows', async () => {
      expect(await askAfter([1_000])).toBe('environment 2');
    });

    it('keeps an environment while virtual time leaps', async () => {
      expect(await askAfter([50_000, 50_000])).toBe('environment 1');
    });

    it('gives an environment up that was idle for too much of the time that leapt', async () => {
      expect(await askAfter([50_000, 50_001])).toBe('environment 2');
    });

    it('gives an environment up once time leaps no more', async () => {
      expect(await askAfter([50_000, 1_000])).toBe('environment 2');
    });
  });
});
