import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../infra/local/dynamodb/engine.ts';
import type { Input } from '../../infra/local/dynamodb/input.ts';
import { batchGetItem } from '../../infra/local/dynamodb/operations/batch-get-item.ts';
import { createTable } from '../../infra/local/dynamodb/operations/create-table.ts';
import { getItem } from '../../infra/local/dynamodb/operations/get-item.ts';
import { query } from '../../infra/local/dynamodb/operations/query.ts';
import { transactWriteItems } from '../../infra/local/dynamodb/operations/transact-write-items.ts';
import { openStorage } from '../../infra/local/dynamodb/storage.ts';
import { createMachineIds } from '../../infra/local/ids.ts';
import { createTrackingStore } from '../../shared/adapters/dynamodb/tracking/tracking-store.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { parseRunFilter, parseRunOrderBy, searchRuns } from '../../shared/core/tracking/index.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { aRun, point } from '../helpers/tracked-runs.ts';

/** What a page of a search costs in an experiment of 1,000 runs and in one of 10,000, on the embedded engine itself. */

const OPERATIONS: Readonly<Record<string, (engine: Engine, input: Input) => unknown>> = {
  BatchGetItemCommand: batchGetItem,
  GetItemCommand: getItem,
  QueryCommand: query,
  TransactWriteItemsCommand: transactWriteItems,
};

/** Since it was set to zero. */
const spent = { readUnits: 0, callCount: 0 };

/** A store whose client calls the engine without a wire between them: 10,000 runs are written in seconds. */
const openStore = (): (() => TrackingStore) => {
  const engine = createEngine({
    storage: openStorage(':memory:'),
    identity: { region: 'us-east-1', accountId: '000000000000', partition: 'aws' },
    nowMs: () => 0,
    ids: createMachineIds(),
    meter: {
      spend: ({ operation }, units) => {
        if (operation === 'Read') spent.readUnits += units;
      },
    },
  });
  createTable(engine, {
    TableName: 'tracking',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  const send = async (command: { readonly input: Input }): Promise<unknown> => {
    spent.callCount += 1;
    const { name } = command.constructor;
    const operation = OPERATIONS[name];
    if (operation === undefined) throw new Error(`${name} is not expected of a search`);
    return operation(engine, command.input);
  };
  const client = { send } as unknown as DynamoDBClient;
  const values = createMemoryArtifactStore();
  const clock = { nowMs: () => 0 };
  return () => createTrackingStore({ client, table: 'tracking', values, workspace: 'w', clock });
};

const EXPERIMENT = '1';
const PAGE = 100;

/** Evenly spread over [0, 1), in an order of its own for each step. https://en.wikipedia.org/wiki/Low-discrepancy_sequence */
const spread = (index: number, step: number): number => (index * step) % 1;

const createRuns = async (store: TrackingStore, from: number, to: number): Promise<void> => {
  for (let i = from; i < to; i += 1) {
    const metrics = { accuracy: spread(i, Math.SQRT2), loss: spread(i, Math.sqrt(3)) };
    await store.createRun(
      aRun(`run-${i}`, {
        info: { experimentId: EXPERIMENT, startTimeMs: 1_000 + i },
        metrics: Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key, point(key, value)])),
        params: { optimizer: i % 10 === 0 ? 'sgd' : 'adam' },
      }),
    );
  }
};

/** A page as a process reads it that has seen none of the runs. */
const costOfPage = async (store: TrackingStore, [order, filter]: readonly [string, string]): Promise<typeof spent> => {
  Object.assign(spent, { readUnits: 0, callCount: 0 });
  const { runs } = await searchRuns({
    index: store.index,
    experimentIds: [EXPERIMENT],
    filter: parseRunFilter(filter),
    orderBy: parseRunOrderBy([order]),
    view: 'ACTIVE_ONLY',
    maxResults: PAGE,
  });
  expect(runs).toHaveLength(PAGE);
  return { ...spent };
};

/** Half of the runs match. */
const FILTER = "metrics.accuracy > 0.45 and params.optimizer = 'adam'";
const SEARCHES = {
  'by metric, descending': ['metrics.loss DESC', FILTER],
  'by metric, ascending': ['metrics.loss ASC', FILTER],
  'by time': ['attributes.start_time DESC', FILTER],
  'of all by metric': ['metrics.loss DESC', ''],
  'of all by time': ['attributes.start_time DESC', ''],
} as const;
const NAMES = Object.keys(SEARCHES) as readonly (keyof typeof SEARCHES)[];

describe('a page of 100 runs', () => {
  const costs = new Map<string, readonly (typeof spent)[]>();

  beforeAll(async () => {
    const open = openStore();
    const store = open();
    const first = { experimentId: EXPERIMENT, name: 'searched', artifactLocation: 's3://b', tags: {} } as const;
    await store.createExperiment({ ...first, lifecycleStage: 'active', createdAtMs: 0, updatedAtMs: 0 });
    let runCount = 0;
    for (const size of [1_000, 10_000]) {
      await createRuns(store, runCount, size);
      runCount = size;
      for (const name of NAMES) {
        const cost = await costOfPage(open(), SEARCHES[name]);
        costs.set(name, [...(costs.get(name) ?? []), cost]);
      }
    }
  }, 60_000);

  it.each(NAMES)('%s costs the same of 10,000 runs as of 1,000', (name) => {
    const [small, large] = costs.get(name) ?? [];

    expect(large?.readUnits).toBeLessThanOrEqual((small?.readUnits ?? 0) * 1.25);
    expect(large?.callCount).toBeLessThanOrEqual((small?.callCount ?? 0) + 2);
  });

  it.each([
    ['by metric, descending', 250],
    ['by metric, ascending', 250],
    ['by time', 250],
    ['of all by metric', 130],
    ['of all by time', 130],
  ] as const)('%s takes a unit for each run on the way and a few for the index: at most %d', (name, most) => {
    const units = costs.get(name)?.map(({ readUnits }) => readUnits) ?? [];

    expect(units).toHaveLength(2);
    for (const unit of units) expect(unit).toBeGreaterThan(PAGE);
    for (const unit of units) expect(unit).toBeLessThanOrEqual(most);
  });
});
