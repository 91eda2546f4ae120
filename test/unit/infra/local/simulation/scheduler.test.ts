import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { expect, it } from 'vitest';
import { createVirtualClock } from '../../../../../infra/local/clock.ts';
import { createScheduler, type Scheduler } from '../../../../../infra/local/simulation/scheduler.ts';
import { createSeededRandom } from '../../../../../infra/local/simulation/seeded-random.ts';
import { fc } from '../../../../helpers/properties.ts';

const compress = promisify(gzip);

const open = (seed: string) => {
  const happened: string[] = [];
  const failures: string[] = [];
  const scheduler = createScheduler({
    random: createSeededRandom(seed),
    onItem: (label) => happened.push(label),
    onTaskError: (label, error) => failures.push(`${label}: ${String(error)}`),
  });
  return { scheduler, happened, failures };
};

/** A tree of work: every task adds its children, some at once, some after awaiting something. */
const grow = (scheduler: Scheduler, label: string, shape: readonly number[], depth = 0): void => {
  scheduler.add(label, () => {
    for (let child = 0; child < (shape[depth] ?? 0); child += 1) {
      const name = `${label}.${child}`;
      if (child % 2 === 0) grow(scheduler, name, shape, depth + 1);
      else void Promise.resolve().then(() => grow(scheduler, name, shape, depth + 1));
    }
  });
};

const orderOf = async (seed: string, shape: readonly number[]): Promise<readonly string[]> => {
  const { scheduler, happened } = open(seed);
  for (const root of ['a', 'b', 'c']) grow(scheduler, root, shape);
  await scheduler.idle();
  return happened;
};

it('lets everything happen once, in an order that is a function of the seed', async () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });

  await fc.assert(
    fc.asyncProperty(fc.string(), shapes, async (seed, shape) => {
      const first = await orderOf(seed, shape);
      expect(await orderOf(seed, shape)).toEqual(first);
      expect(new Set(first).size).toBe(first.length);
    }),
    { numRuns: 50 },
  );
});

it('takes other orders for other seeds, all of them in the long run', async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 100; seed += 1) orders.add((await orderOf(String(seed), [])).join(''));

  expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
});

it('waits with the next item until what the last one set off is at rest, files included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-rest-'));
  const { scheduler } = open('files');
  const steps: string[] = [];
  for (const name of ['a', 'b']) {
    scheduler.add(name, () => {
      steps.push(`${name} begins`);
      void (async () => {
        await writeFile(join(folder, name), 'x'.repeat(1_000_000));
        await new Promise((resolve) => setImmediate(resolve));
        steps.push(`${name} read ${(await readFile(join(folder, name))).length}`);
      })();
    });
  }

  await scheduler.idle();

  const [first, second] = steps[0] === 'a begins' ? ['a', 'b'] : ['b', 'a'];
  expect(steps).toEqual([`${first} begins`, `${first} read 1000000`, `${second} begins`, `${second} read 1000000`]);
  await rm(folder, { recursive: true });
});

it('takes the outcomes of threads in an order of its own, not in that of their ends', async () => {
  const largeFirst = [3_000_000, 30_000, 300];
  const run = async (sizes: readonly number[]): Promise<readonly string[]> => {
    const { scheduler } = open('threads');
    const ended: string[] = [];
    for (const [place, size] of sizes.entries()) {
      void scheduler
        .native(`work ${place}`, () => compress(Buffer.alloc(size, place)))
        .then(() => ended.push(`${place}`));
    }
    await scheduler.idle();
    return ended;
  };

  const order = await run(largeFirst);

  expect(await run(largeFirst.toReversed())).toEqual(order);
  expect([...order].sort()).toEqual(['0', '1', '2']);
});

it('hands the failure of a thread to the one who asked, and reports an item that fails', async () => {
  const { scheduler, failures } = open('failures');
  const work = scheduler.native('work', async () => {
    throw new Error('disk full');
  });
  scheduler.add('item', () => {
    throw new Error('wrong');
  });

  await expect(work).rejects.toThrow('disk full');
  await scheduler.idle();

  expect(failures).toEqual(['item: Error: wrong']);
});

it('lets what leaves the simulation happen when nothing else waits', async () => {
  const { scheduler, happened } = open('leaving');
  scheduler.addLast('answer', () => {});
  for (const name of ['a', 'b', 'c']) scheduler.add(name, () => {});

  await scheduler.idle();

  expect(happened.at(-1)).toBe('answer');
});

it('runs two schedulers in one process without either keeping the other from rest', async () => {
  const [one, two] = [open('1'), open('2')];
  for (const { scheduler } of [one, two]) for (let i = 0; i < 50; i += 1) grow(scheduler, `${i}`, [2]);

  await Promise.all([one.scheduler.idle(), two.scheduler.idle()]);

  expect([one.happened.length, two.happened.length]).toEqual([150, 150]);
});

it('moves the time only when everything is at rest, also while somebody waits for a later instant', async () => {
  const { scheduler, happened } = open('clock');
  const clock = createVirtualClock({ startMs: 0, scheduler });
  const seen: string[] = [];
  clock.at(1_000, 'late', () => void seen.push(`late at ${clock.nowMs()}`));
  void clock.during('waits for late', () => new Promise((resolve) => clock.at(2_000, 'release', () => resolve(0))));
  void clock
    .native('thread', () => compress(Buffer.alloc(1_000_000)))
    .then(() => seen.push(`thread at ${clock.nowMs()}`));

  await clock.advanceTo(3_000);

  expect(seen).toEqual(['thread at 0', 'late at 1000']);
  expect(happened).toEqual(['thread', 'timer late', 'timer release']);
  expect(clock.nowMs()).toBe(3_000);
});

it('refuses wall time', () => {
  const clock = createVirtualClock({ startMs: 0, scheduler: open('wall').scheduler });

  expect(() => clock.startWall()).toThrow('a simulation has no wall time: drive the clock');
});
