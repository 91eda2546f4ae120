import { expect, test } from 'vitest';
import type { Placement } from '../../../../../functions/infer/server/messages.ts';
import { createModelFinder } from '../../../../../functions/infer/server/model-finder.ts';
import type { Peer } from '../../../../../functions/infer/server/peer-runs.ts';
import type { Tensor } from '../../../../../shared/core/inference/index.ts';

const answer = (by: string): readonly Tensor[] => [
  { name: by, datatype: 'FP32', shape: [], data: new Float32Array(1) },
];
const placement = (holders: readonly number[], key = 'm@1'): Placement => ({
  key,
  model: 'm',
  version: '1',
  digest: 'd',
  engine: 'interpreter',
  inputs: [],
  outputs: [],
  holders,
});

/** A thread with index 0 whose peers, own models and coordinator are told by hand. */
const bench = (placements: readonly Placement[]) => {
  const own = new Set<string>();
  const held = new Map<number, Set<string>>([
    [1, new Set()],
    [2, new Set()],
  ]);
  const asked: string[] = [];
  const copies: string[] = [];
  const peers = [undefined, 1, 2].map((index): Peer | undefined =>
    index === undefined
      ? undefined
      : {
          pendingCount: 0,
          run: async (key) => (held.get(index)?.has(key) ? answer(`peer ${index}`) : undefined),
        },
  );
  const finder = createModelFinder({
    executor: { has: (key) => own.has(key), run: (key) => (own.has(key) ? answer('own') : undefined) },
    peers,
    ask: async (model, version) => {
      asked.push(`${model} ${version ?? ''}`);
      return placements[Math.min(asked.length, placements.length) - 1] as Placement;
    },
    askForCopy: (key) => copies.push(key),
    running: (_, run) => run(),
  });
  const run = async (): Promise<string | undefined> => (await (await finder.find('m')).run([]))[0]?.name;
  return { own, held, asked, copies, finder, run };
};

test('a model that this thread holds runs at once, without a turn of the event loop', async () => {
  const { own, finder } = bench([placement([0])]);
  own.add('m@1');
  await finder.find('m');
  const found = finder.find('m');

  expect(found).not.toBeInstanceOf(Promise);
  expect((found as Exclude<typeof found, Promise<unknown>>).run([])).toEqual(answer('own'));
});

test('a model that another thread holds runs there, and where several do, at each in turn', async () => {
  const { held, run, asked } = bench([placement([1, 2])]);
  held.get(1)?.add('m@1');
  held.get(2)?.add('m@1');

  expect([await run(), await run(), await run()]).toEqual(['peer 1', 'peer 2', 'peer 1']);
  expect(asked).toEqual(['m ']);
});

test('a model that left meanwhile is looked for again', async () => {
  const { held, run, asked } = bench([placement([1]), placement([2])]);
  held.get(2)?.add('m@1');

  expect(await run()).toBe('peer 2');
  expect(asked).toEqual(['m ', 'm 1']);
});

test('a model that leaves again and again is given up, with a reason', async () => {
  const { run } = bench([placement([1])]);
  await expect(run()).rejects.toThrow('left the memory again and again');
});

test('a model that is often run elsewhere is wished for here, and not with every run', async () => {
  const { held, run, copies } = bench([placement([1])]);
  held.get(1)?.add('m@1');
  for (let i = 0; i < 30; i += 1) await run();

  expect(copies).toEqual(['m@1']);
});
