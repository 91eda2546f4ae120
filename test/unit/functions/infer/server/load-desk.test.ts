import { describe, expect, test } from 'vitest';
import { createLoadDesk, type Holder } from '../../../../../functions/infer/server/load-desk.ts';
import type { LoadOrder } from '../../../../../functions/infer/server/messages.ts';
import { createModelCache } from '../../../../../shared/core/model-cache/index.ts';
import { createMetrics, SERVING_FAMILIES } from '../../../../../shared/core/prometheus/index.ts';
import type { DescribedModel, FetchedModel } from '../../../../../shared/ports/model-source.ts';

const MEBIBYTE = 2 ** 20;
const model = (name: string, sizeBytes = MEBIBYTE): DescribedModel => ({
  model: name,
  version: '1',
  key: `${name}@1`,
  sizeBytes,
});
const fetched = (): FetchedModel => ({ bytes: new Uint8Array(8), digest: 'd' });
const refused = (): Error => Object.assign(new Error('not taken'), { name: 'NotInterpretedError' });

interface BenchOptions {
  readonly budgetMb?: number;
  readonly load?: (holder: number, order: LoadOrder) => Promise<'interpreter' | 'onnxruntime'>;
  readonly fetch?: (described: DescribedModel) => Promise<FetchedModel>;
  readonly leave?: () => Promise<void>;
  readonly loadTimeoutMs?: number;
}

/** Two threads that answer requests and two runners, whose loads are told by hand. */
const bench = ({
  budgetMb = 100,
  load = async () => 'interpreter',
  fetch = async () => fetched(),
  leave = async () => undefined,
  loadTimeoutMs = 2_000,
}: BenchOptions = {}) => {
  const events: string[] = [];
  const state = { nowMs: 0 };
  const cache = createModelCache({ budgetBytes: budgetMb * MEBIBYTE });
  const holders = (['http', 'http', 'runner', 'runner'] as const).map(
    (role, index): Holder => ({
      index,
      role,
      load: async (order) => {
        events.push(`load ${order.model} at ${index}`);
        const engine = await load(index, order);
        return { engine, inputs: [], outputs: [], measuredBytes: order.reservedBytes };
      },
      leave: async (key) => {
        events.push(`leave ${key} at ${index}`);
        await leave();
      },
    }),
  );
  const fetches: string[] = [];
  const source = {
    fetch: (described: DescribedModel) => {
      fetches.push(described.model);
      return fetch(described);
    },
  };
  const metrics = createMetrics(SERVING_FAMILIES);
  const desk = createLoadDesk({ source, cache, holders, metrics, loadTimeoutMs, nowMs: () => state.nowMs });
  const asking = holders[0] as Holder;
  return { desk, cache, events, fetches, state, asking, other: holders[1] as Holder };
};

describe('a first load', () => {
  test('goes to the thread that asks, once for all who wait', async () => {
    const { desk, events, fetches, asking, other } = bench();
    const placements = await Promise.all([desk.require(model('a'), asking), desk.require(model('a'), other)]);

    expect(placements.map(({ holders }) => holders)).toEqual([[0], [0]]);
    expect([events, fetches]).toEqual([['load a at 0'], ['a']]);
  });

  test('of a graph that the interpreter does not take goes on to a runner, with the bytes that were fetched', async () => {
    const { desk, events, fetches, asking } = bench({
      load: (holder) => (holder < 2 ? Promise.reject(refused()) : Promise.resolve('onnxruntime')),
    });
    const placement = await desk.require(model('a'), asking);

    expect([placement.engine, placement.holders]).toEqual(['onnxruntime', [2]]);
    expect([events, fetches]).toEqual([['load a at 0', 'load a at 2'], ['a']]);
  });

  test('of a large file goes to a runner at once while requests are answered', async () => {
    const { desk, events, asking } = bench();
    desk.beginServing();
    await desk.require(model('large', 8 * MEBIBYTE), asking);
    await desk.require(model('small'), asking);

    expect(events).toEqual(['load large at 2', 'load small at 0']);
  });

  test('that fails is not tried again before a while has passed, which grows', async () => {
    const { desk, fetches, state, asking } = bench({ fetch: () => Promise.reject(new Error('tampered')) });
    await expect(desk.require(model('a'), asking)).rejects.toThrow(
      'version 1 of a cannot be served: it was not loaded',
    );
    await expect(desk.require(model('a'), asking)).rejects.toThrow('it is tried again in 1 s');
    state.nowMs = 1_001;
    await expect(desk.require(model('a'), asking)).rejects.toThrow('cannot be served');
    state.nowMs = 2_100;
    await expect(desk.require(model('a'), asking)).rejects.toThrow('it is tried again in 1 s');
    state.nowMs = 3_100;
    await expect(desk.require(model('a'), asking)).rejects.toThrow('cannot be served');

    expect(fetches).toHaveLength(3);
  });

  test('that fails leaves no byte taken', async () => {
    const { desk, cache, asking } = bench({ load: () => Promise.reject(new Error('no graph')) });
    await expect(desk.require(model('a'), asking)).rejects.toThrow('not loaded');

    expect(cache.takenBytes).toBe(0);
  });

  test('of one model does not wait for the load of another', async () => {
    const never = new Promise<FetchedModel>(() => undefined);
    const { desk, asking } = bench({
      fetch: ({ model: name }) => (name === 'slow' ? never : Promise.resolve(fetched())),
    });
    desk.require(model('slow'), asking).catch(() => undefined);

    expect((await desk.require(model('quick'), asking)).holders).toEqual([0]);
  });

  test('of a model that can never fit is refused', async () => {
    const { desk, asking } = bench({ budgetMb: 2 });
    await expect(desk.require(model('a', 8 * MEBIBYTE), asking)).rejects.toThrow('models may take 2097152');
  });
});

describe('a model that must answer before it serves', () => {
  test('is proven by its signature wherever it is loaded, and no other model is', async () => {
    const signature = { task: 'regression', inputs: [], outputs: [] } as const;
    const proofs: unknown[] = [];
    const { desk, asking, other } = bench({
      fetch: async () => ({ ...fetched(), signature }),
      load: async (_, order) => {
        proofs.push(order.mustAnswer);
        return 'interpreter';
      },
    });
    await desk.require({ ...model('pinned'), mustAnswer: true }, asking);
    await desk.copy('pinned@1', other);
    await desk.require(model('found'), asking);

    expect(proofs).toEqual([signature, signature, undefined]);
  });
});

test('a model may serve once requests come, unless it was just not loaded', async () => {
  const { desk, state, fetches, asking } = bench({ fetch: () => Promise.reject(new Error('tampered')) });
  expect(desk.mayServe(model('a'))).toBe(false);
  desk.beginServing();
  expect([desk.mayServe(model('a')), fetches]).toEqual([true, []]);

  await expect(desk.require(model('a'), asking)).rejects.toThrow('cannot be served');
  expect(desk.mayServe(model('a'))).toBe(false);
  state.nowMs = 1_001;
  expect(desk.mayServe(model('a'))).toBe(true);
});

describe('a full memory', () => {
  test('lets the model go that is used least, once the one for which it went has room', async () => {
    const { desk, cache, events, asking } = bench({ budgetMb: 7 });
    await desk.require(model('a'), asking);
    await desk.require(model('b'), asking);
    desk.used('a', 5);
    desk.used('b', 1);
    await desk.require(model('c'), asking);

    expect(events).toEqual(['load a at 0', 'load b at 0', 'leave b@1 at 0', 'load c at 0']);
    expect(desk.standing('b@1')).toBeUndefined();
    expect(cache.takenBytes).toBeLessThanOrEqual(7 * MEBIBYTE);
  });

  test('keeps a model that was loaded for a request until it was used', async () => {
    const { desk, events, asking } = bench({ budgetMb: 4 });
    await desk.require(model('a'), asking);
    const waiting = desk.require(model('b'), asking);
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['load a at 0']);

    desk.used('a', 1);
    await waiting;
    expect(events).toEqual(['load a at 0', 'leave a@1 at 0', 'load b at 0']);
  });
});

test('a model that is asked for while it leaves is loaded again once it has left', async () => {
  let letGo: () => void = () => undefined;
  const { desk, cache, events, asking } = bench({
    budgetMb: 4,
    leave: () =>
      new Promise((resolve) => {
        letGo = resolve;
      }),
  });
  await desk.require(model('a'), asking);
  desk.used('a', 1);
  const waiting = desk.require(model('b'), asking);
  await new Promise((resolve) => setImmediate(resolve));
  const again = desk.require(model('a'), asking);
  letGo();
  await waiting;
  desk.used('b', 1);
  letGo();
  await new Promise((resolve) => setImmediate(resolve));
  letGo();

  expect((await again).holders).toEqual([0]);
  expect(events.filter((event) => event.startsWith('load'))).toEqual(['load a at 0', 'load b at 0', 'load a at 0']);
  expect(cache.takenBytes).toBeLessThanOrEqual(4 * MEBIBYTE);
});

test('a load that takes too long is refused to who waits, and found by who comes later', async () => {
  let arrive: (engine: 'interpreter') => void = () => undefined;
  const { desk, asking } = bench({
    loadTimeoutMs: 20,
    load: () =>
      new Promise((resolve) => {
        arrive = resolve;
      }),
  });
  await expect(desk.require(model('a'), asking)).rejects.toThrow('model a is not loaded yet');
  arrive('interpreter');
  await new Promise((resolve) => setImmediate(resolve));

  expect((await desk.require(model('a'), asking)).holders).toEqual([0]);
});

describe('a copy', () => {
  test('of an interpreted model comes to the thread that asks for it, of another to a runner without it', async () => {
    const { desk, events, asking, other } = bench({
      load: async (holder, order) => {
        if (order.model === 'graph' && holder < 2) throw refused();
        return order.model === 'graph' ? 'onnxruntime' : 'interpreter';
      },
    });
    await desk.require(model('trees'), asking);
    await desk.require(model('graph'), asking);
    await desk.copy('trees@1', other);
    await desk.copy('graph@1', other);
    await desk.copy('graph@1', other);

    expect(events.slice(3)).toEqual(['load trees at 1', 'load graph at 3']);
    expect(desk.standing('graph@1')?.holders).toEqual([2, 3]);
  });

  test('drives out no model', async () => {
    const { desk, events, asking, other } = bench({ budgetMb: 4 });
    await desk.require(model('a'), asking);
    desk.used('a', 100);
    await desk.copy('a@1', other);

    expect(events).toEqual(['load a at 0']);
  });
});
