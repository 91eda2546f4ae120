import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../shared/kernel/time.ts';
import { assemble, startTestCloud } from '../helpers/local-cloud.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/** A run by a seed: the synthesised template, the bundles and the state machines, from training to a prediction. */

interface Run {
  readonly events: readonly string[];
  readonly tables: string;
  readonly prediction: unknown;
  readonly weights: Readonly<Record<string, number>>;
  readonly endedAtMs: number;
}

let assemblyFolder: string;
const startMs = Date.UTC(2001, 0, 15);

const tablesOf = async (clientConfig: object): Promise<string> => {
  const client = new DynamoDBClient(clientConfig);
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const contents = TableNames.map(async (TableName) => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    return [TableName, Items];
  });
  return JSON.stringify(await Promise.all(contents));
};

const play = async (seed: number): Promise<Run> => {
  const events: string[] = [];
  const test = await startTestCloud({
    assemblyFolder,
    startMs,
    simulation: { seed, onEvent: (line) => events.push(line) },
  });
  try {
    await test.loadToyDays(0, 14);
    await test.platform.requestTraining('toy', 'first');
    await test.until('toy is in service', async () =>
      (await test.platform.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
    );
    const body = { predictionId: 'p-1', features: { x: 0.9, kind: 'a' } };
    const { body: prediction } = await test.api.call('POST', `${test.predictUrl}/models/toy/predict`, body);
    await test.cloud.clock.advanceBy(2 * HOUR_MS);
    return {
      events,
      prediction,
      tables: await tablesOf(test.clientConfig),
      weights: await test.observer.liveWeights('toy'),
      endedAtMs: test.cloud.clock.nowMs(),
    };
  } finally {
    await test.stop();
  }
};

const runs = new Map<string, Run>();

beforeAll(async () => {
  const deployment = { canarySteps: [0.5, 1], bakeMinutes: 60 };
  // Its owner is mailed of the rollout.
  const notifications = [{ to: 'email', target: 'owner@example.com', minSeverity: 'low' }] as const;
  assemblyFolder = await assemble([
    benchDefinition({
      deployment,
      trainer: { kind: 'built-in', rounds: 20, maxLeaves: 4 },
      notifications: [...notifications],
    }),
  ]);
  for (const [name, seed] of [
    ['first', 11],
    ['again', 11],
    ['other', 12],
  ] as const) {
    runs.set(name, await play(seed));
  }
}, 180_000);
afterAll(() => runs.clear());

const run = (name: string): Run => {
  const found = runs.get(name);
  if (found === undefined) throw new Error(`no run ${name}`);
  return found;
};

it('happens again, event by event, with the same seed', () => {
  expect(run('again').events).toEqual(run('first').events);
  expect(run('again').tables).toBe(run('first').tables);
  expect(run('again').prediction).toEqual(run('first').prediction);
});

it('happens in another order with another seed, and ends as well', () => {
  const sorted = (events: readonly string[]): readonly string[] =>
    events.filter((line) => / call \S+ dynamodb:/.test(line)).toSorted();

  expect(run('other').events).not.toEqual(run('first').events);
  for (const { prediction, weights, endedAtMs } of runs.values()) {
    expect(prediction).toMatchObject({ model: 'toy', version: 1, predictionId: 'p-1' });
    expect(Object.values(weights)).toEqual([1]);
    expect(endedAtMs - startMs).toBeLessThan(DAY_MS);
  }
  expect(sorted(run('other').events)).not.toEqual([]);
});

it('tells of every call, answer, function and leap in words without the time of the machine', () => {
  const { events } = run('first');
  const kinds = new Set(events.map((line) => line.split(' ')[1]));

  for (const kind of ['call', 'answer', 'invoke', 'start', 'result', 'end', 'timer', 'log'])
    expect(kinds).toContain(kind);
  for (const line of events) {
    const atMs = Number(line.split(' ')[0]);
    expect(atMs >= startMs && atMs <= run('first').endedAtMs, line).toBe(true);
  }
});
