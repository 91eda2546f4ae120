import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { expectFindable } from '../helpers/findable-runs.ts';
import {
  anExperiment,
  aRun,
  ending,
  logging,
  logMetrics,
  point,
  stageOf,
  wholeHistory,
} from '../helpers/tracked-runs.ts';
import { newWorkspace } from '../helpers/tracking-subjects.ts';
import { type SentCall, startTrackingTable, type TrackingTable } from '../helpers/tracking-table.ts';

/** What becomes of runs on the embedded DynamoDB when processes die and many write at once. */

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

const outage = (): Error => Object.assign(new Error('planted'), { name: 'InternalServerError', $fault: 'server' });

/** A store that dies at its n-th call, once the service has it. Dying before it is dying after the one before. */
const dyingStore = (workspace: string, nth: number): TrackingStore => {
  let callCount = 0;
  const client = table.watchedClient(async (_command, send) => {
    callCount += 1;
    if (callCount > nth) throw outage();
    const answer = await send();
    if (callCount >= nth) throw outage();
    return answer;
  });
  return table.open(workspace, client);
};

const many = (count: number, value: number, atMs: number) =>
  Array.from({ length: count }, (_, i) => point(`m${i}`, value, atMs, atMs));
const texts = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));

interface Scenario {
  readonly prepare?: (store: TrackingStore) => Promise<unknown>;
  readonly write: (store: TrackingStore) => Promise<unknown>;
  /** Between the death and the retry. */
  readonly meanwhile?: (store: TrackingStore) => Promise<unknown>;
  readonly check: (store: TrackingStore) => Promise<void>;
}

const create = (store: TrackingStore) => store.createRun(aRun('a'));
const scenarios: Readonly<Record<string, Scenario>> = {
  'creating a run with more entries than a transaction takes': {
    write: (store) => store.createRun(aRun('a', { params: texts(100, 'p'), metrics: { m0: point('m0', 1) } })),
    check: async (store) => expect(Object.keys((await store.getRun('a')).params)).toHaveLength(100),
  },
  'logging 100 params and changing 100 tags': {
    prepare: (store) => store.createRun(aRun('a', { tags: texts(100, 'former') })),
    write: (store) => store.changeRun('a', logging({ params: texts(100, 'p'), tags: texts(100, 'g') })),
    check: async (store) => expect(await store.getRun('a')).toMatchObject({ tags: texts(100, 'g') }),
  },
  'becoming hot': {
    prepare: async (store) => {
      await create(store);
      await logMetrics(store, 'a', many(20, 1, 1));
    },
    write: (store) => logMetrics(store, 'a', many(45, 2, 2)),
    check: async (store) => {
      expect(await store.index.hotRuns('0')).toEqual(['a']);
      expect(await wholeHistory(store, 'a', 'm0')).toEqual([point('m0', 1, 1, 1), point('m0', 2, 2, 2)]);
    },
  },
  'cooling a run of many metrics at its end': {
    prepare: async (store) => {
      await create(store);
      await logMetrics(store, 'a', many(45, 1, 1));
      await store.changeRun('a', ending('FINISHED'));
      await logMetrics(store, 'a', many(45, 2, 2));
    },
    // Entries of these values may be deleted by then, as those of former ones.
    meanwhile: (store) => logMetrics(store, 'a', many(45, 1, 3)),
    write: (store) => store.changeRun('a', ending('FAILED')),
    check: async (store) => {
      expect((await store.getRun('a')).info.status).toBe('FAILED');
      expect(await store.index.hotRuns('0')).toEqual([]);
    },
  },
  'deleting the runs of an experiment': {
    prepare: async (store) => {
      for (const runId of ['a', 'b']) await store.createRun(aRun(runId, { params: { p: runId } }));
    },
    write: (store) => store.setLifecycleOfRuns('0', 'deleted', 9_000),
    check: async (store) => {
      const { headers } = await store.index.headers({ experimentId: '0', limit: 10 });
      expect(headers.map(({ lifecycleStage }) => lifecycleStage)).toEqual(['deleted', 'deleted']);
    },
  },
  'renaming an experiment': {
    prepare: (store) => store.createExperiment(anExperiment('1', { name: 'old' })),
    write: (store) => store.changeExperiment('1', (experiment) => ({ ...experiment, name: 'new' })),
    check: async (store) => {
      expect(await store.findExperiment('new')).toMatchObject({ experimentId: '1', name: 'new' });
      expect(await store.findExperiment('old')).toBeUndefined();
    },
  },
};

const MOST_CALLS = 40;

describe.each(Object.entries(scenarios))(
  'a process that dies while %s',
  (_what, { prepare, write, meanwhile, check }) => {
    it('after any of its calls leaves what its retry completes', async () => {
      let nth = 1;
      for (let died = true; died && nth <= MOST_CALLS; nth += 1) {
        const workspace = newWorkspace();
        const store = table.open(workspace);
        await store.getExperiment('0');
        await prepare?.(store);
        died = await write(dyingStore(workspace, nth)).then(
          () => false,
          () => true,
        );
        await expectFindable(store, ['a', 'b'], { stale: true });

        await meanwhile?.(store);
        await write(store);

        await check(store);
        await expectFindable(store, ['a', 'b'], { stale: true });
      }
      expect(nth).toBeGreaterThan(2);
      expect(nth).toBeLessThan(MOST_CALLS);
    });
  },
);

describe('many writers at once', () => {
  it('lose no metric of one run', async () => {
    const clientCount = Number(process.env.TRACKING_CLIENTS ?? 15);
    const workspace = newWorkspace();
    const store = table.open(workspace);
    await create(store);
    const pointsOf = (client: number) =>
      Array.from({ length: 1_000 }, (_, i) =>
        point(`m${i % 500}`, client, 1_000 + client, client * 2 + Math.floor(i / 500)),
      );

    await Promise.all(
      Array.from({ length: clientCount }, (_, client) => logMetrics(table.open(workspace), 'a', pointsOf(client))),
    );

    const { metrics } = await store.getRun('a');
    const last = clientCount - 1;
    expect(Object.keys(metrics)).toHaveLength(500);
    for (const latest of Object.values(metrics))
      expect(latest).toEqual(point(latest.key, last, 1_000 + last, last * 2 + 1));
    const history = await wholeHistory(store, 'a', 'm499', 7);
    expect(history).toHaveLength(clientCount * 2);
  });

  it('leave every run findable, while calls fail and runs grow hot and cold', async () => {
    let state = 20_010_101;
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state / 2_147_483_648;
    };
    const workspace = newWorkspace();
    const calm = table.open(workspace);
    const runIds = ['a', 'b'];
    for (const runId of runIds) await calm.createRun(aRun(runId));
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    let atMs = 0;
    const writeSomething = (store: TrackingStore): Promise<unknown> => {
      atMs += 1;
      const runId = pick(runIds);
      const value = pick([0, 1, 2]);
      return pick([
        () => logMetrics(store, runId, many(2, value, atMs)),
        () => logMetrics(store, runId, many(100, value, atMs)),
        () => store.changeRun(runId, ending()),
        () => store.changeRun(runId, logging({ tags: { g: `${value}` } })),
        () => store.changeRun(runId, (run) => ({ run: { ...run, tags: {} } })),
      ])();
    };
    const process = async (): Promise<void> => {
      const client = table.watchedClient(async (_command, send) => {
        const fate = random();
        if (fate < 0.04) throw outage();
        const answer = await send();
        if (fate < 0.08) throw outage();
        return answer;
      });
      const store = table.open(workspace, client);
      for (let i = 0; i < Number(globalThis.process.env.TRACKING_WRITES ?? 12); i += 1) {
        await writeSomething(store).catch(() => undefined);
      }
    };

    await Promise.all(Array.from({ length: 6 }, process));

    await expectFindable(calm, runIds, { stale: true });
    for (const runId of runIds) await calm.changeRun(runId, ending('KILLED'));
    expect(await calm.index.hotRuns('0')).toEqual([]);
    await expectFindable(calm, runIds, { stale: true });
  });

  it('delete no entry that another put while they were about to', async () => {
    const workspace = newWorkspace();
    const other = table.open(workspace);
    await create(other);
    await logMetrics(other, 'a', many(45, 1, 1));
    await other.changeRun('a', ending('FINISHED'));
    await logMetrics(other, 'a', many(45, 2, 2));
    let meanwhile = async (): Promise<void> => {
      await logMetrics(other, 'a', many(45, 1, 3));
      await other.changeRun('a', ending('FAILED'));
    };
    const client = table.watchedClient(async (command, send) => {
      const { TransactItems: actions = [] } = command.input as { TransactItems?: { readonly Delete?: object }[] };
      if (actions.filter((action) => action.Delete).length > 40) {
        const once = meanwhile;
        meanwhile = async () => undefined;
        await once();
      }
      return send();
    });

    await table.open(workspace, client).changeRun('a', ending('KILLED'));

    expect(await other.index.hotRuns('0')).toEqual([]);
    await expectFindable(other, ['a'], { stale: true });
  });

  it('keep no more than 32 runs of an experiment hot', async () => {
    const store = table.open(newWorkspace());
    const runIds = Array.from({ length: 36 }, (_, i) => `run-${i}`);
    for (const runId of runIds) await store.createRun(aRun(runId));

    for (const runId of runIds) await logMetrics(store, runId, many(45, 1, 1));

    const hot = await store.index.hotRuns('0');
    expect(hot).toHaveLength(32);
    expect(hot).toContain('run-35');
    await expectFindable(store, runIds);
  });

  it('leave no run active in an experiment that was deleted while it was created', async () => {
    const workspace = newWorkspace();
    const other = table.open(workspace);
    await other.createExperiment(anExperiment('1'));
    const client = table.watchedClient(async (command, send) => {
      if (command.constructor.name === 'TransactWriteItemsCommand') {
        await other.changeExperiment('1', (experiment) => ({ ...experiment, lifecycleStage: 'deleted' }));
        await other.setLifecycleOfRuns('1', 'deleted', 9_000);
      }
      return send();
    });

    const created = table.open(workspace, client).createRun(aRun('a', { info: { experimentId: '1' } }));

    await expect(created).rejects.toThrow("must be in the 'active' state");
    await expect(other.getRun('a')).rejects.toMatchObject({ name: 'NotFoundError' });
    expect((await other.index.headers({ experimentId: '1', limit: 10 })).headers).toEqual([]);
  });

  it('see a change by another process, whatever they saw last', async () => {
    const workspace = newWorkspace();
    const [one, two] = [table.open(workspace), table.open(workspace)];
    await create(one);
    await logMetrics(one, 'a', [point('m', 1)]);

    await logMetrics(two, 'a', [point('m', 5, 1_000, 5)]);
    await logMetrics(one, 'a', [point('m', 3, 1_000, 3)]);
    expect((await one.getRun('a')).metrics.m?.value).toBe(5);
    await two.changeRun('a', stageOf('deleted'));

    const refused = { name: 'InvalidRequestError' };
    await expect(logMetrics(one, 'a', [])).rejects.toMatchObject(refused);
    await two.changeRun('a', stageOf('active'));
    await logMetrics(one, 'a', [point('m', 9, 1_000, 9)]);
    expect((await two.getRun('a')).metrics.m?.value).toBe(9);
  });
});

describe('a long history', () => {
  const first = 1_700_000_000_000;
  it.each([
    ['of a point each 100 ms', (i: number) => first + i * 100],
    ['of one timestamp', () => first],
  ] as const)('%s costs the same for each page, and is read whole', async (_what, timestampOf) => {
    const pointCount = Number(process.env.TRACKING_POINTS ?? 6_000);
    const calls: SentCall[] = [];
    const store = table.open(newWorkspace(), table.meteredClient(calls));
    await create(store);
    const points = Array.from({ length: pointCount }, (_, i) => point('loss', 1 / (i + 1), timestampOf(i), i));
    for (let at = 0; at < pointCount; at += 1_000) await logMetrics(store, 'a', points.slice(at, at + 1_000));
    const units: number[] = [];
    const read: unknown[] = [];
    let after: ReturnType<typeof point> | undefined;
    for (let hasMore = true; hasMore; ) {
      calls.length = 0;
      const page = await store.metricHistory('a', 'loss', 1_000, after);
      units.push(calls.reduce((sum, { capacityUnits }) => sum + capacityUnits, 0));
      read.push(...page.points);
      after = page.points.at(-1);
      hasMore = page.hasMore;
    }

    expect(read).toEqual(points);
    expect(Math.max(...units)).toBeLessThanOrEqual(Math.min(...units) * 2);
  });
});
