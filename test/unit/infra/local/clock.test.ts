import { setTimeout as realDelay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createVirtualClock } from '../../../../infra/local/clock.ts';

test('runs timers in order of instant, then in the order set, and shows each its own instant', async () => {
  const clock = createVirtualClock({ startMs: 1_000 });
  const seen: string[] = [];
  for (const [atMs, label] of [
    [3_000, 'c'],
    [2_000, 'a'],
    [2_000, 'b'],
    [9_000, 'late'],
  ] as const) {
    clock.at(atMs, label, () => void seen.push(`${label}@${clock.nowMs()}`));
  }

  await clock.advanceTo(5_000);

  expect(seen).toEqual(['a@2000', 'b@2000', 'c@3000']);
  expect(clock.nowMs()).toBe(5_000);
});

test('does not leap while work is held, however many turns it takes', async () => {
  const clock = createVirtualClock({ startMs: 0 });
  const finished: number[] = [];
  clock.at(10, 'work', async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    finished.push(clock.nowMs());
  });
  clock.at(20, 'next', () => void finished.push(clock.nowMs()));

  await clock.advanceBy(100);

  expect(finished).toEqual([10, 20]);
});

test('leaps over a timer that was cancelled and one set while leaping runs at its instant', async () => {
  const clock = createVirtualClock({ startMs: 0 });
  const seen: number[] = [];
  const cancelled = clock.at(5, 'cancelled', () => void seen.push(-1));
  clock.at(10, 'first', () => void clock.at(15, 'second', () => void seen.push(clock.nowMs())));
  cancelled.cancel();

  await clock.advanceTo(20);

  expect(seen).toEqual([15]);
});

test('stops at the timer that makes the predicate true, and at the deadline when none does', async () => {
  const clock = createVirtualClock({ startMs: 0 });
  let count = 0;
  const tick = (): void => {
    count += 1;
    clock.at(clock.nowMs() + 60_000, 'tick', tick);
  };
  clock.at(60_000, 'tick', tick);

  expect(await clock.runUntil(() => count === 3, 600_000)).toBe(true);
  expect(clock.nowMs()).toBe(180_000);
  expect(await clock.runUntil(() => count < 0, 200_000)).toBe(false);
  expect(clock.nowMs()).toBe(200_000);
});

test('runs a timer that is due without being driven', async () => {
  const clock = createVirtualClock({ startMs: 50 });

  const ran = await new Promise((resolve) => clock.at(0, 'overdue', () => resolve(clock.nowMs())));

  expect(ran).toBe(50);
});

test('lets time flow when work waits for a timer, so that nothing waits for ever', async () => {
  const clock = createVirtualClock({ startMs: 0, stallMs: 5 });
  let updated = false;
  clock.at(20, 'update', () => {
    updated = true;
  });
  const work = clock.during('poll', async () => {
    while (!updated) await realDelay(1);
  });

  await clock.settle();
  await work;

  expect(clock.nowMs()).toBeGreaterThanOrEqual(20);
});

test('reports a task that fails and goes on', async () => {
  const failures: string[] = [];
  const clock = createVirtualClock({
    startMs: 0,
    onTaskError: (label, error) => failures.push(`${label}: ${String(error)}`),
  });
  clock.at(1, 'bad', () => Promise.reject(new Error('broken')));
  clock.at(2, 'worse', () => {
    throw new Error('thrown');
  });

  await clock.advanceTo(3);

  expect(failures).toEqual(['bad: Error: broken', 'worse: Error: thrown']);
});

test('shows a worker thread the same time, standing and flowing', async () => {
  const clock = createVirtualClock({ startMs: Date.UTC(2001, 1, 1) });
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    import(workerData.module).then(({ readSharedClock }) => {
      parentPort.on('message', () => parentPort.postMessage(readSharedClock(new Float64Array(workerData.shared), Date.now)));
      parentPort.postMessage('ready');
    });`;
  const module = new URL('../../../../infra/local/shared-time.ts', import.meta.url).href;
  const worker = new Worker(source, { eval: true, workerData: { shared: clock.shared, module } });
  const answer = (): Promise<number> => new Promise((resolve) => worker.once('message', resolve));
  const ask = (): Promise<number> => {
    worker.postMessage('now');
    return answer();
  };
  await answer();

  const standing = await ask();
  clock.startWall();
  const before = clock.nowMs();
  const flowing = await ask();
  const after = clock.nowMs();
  await worker.terminate();
  clock.stop();

  expect(standing).toBe(Date.UTC(2001, 1, 1));
  expect(flowing).toBeGreaterThanOrEqual(before);
  expect(flowing).toBeLessThanOrEqual(after);
});
