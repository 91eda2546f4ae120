import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/estimate-retraining/handler.ts';
import { readTrainingTable } from '../../../../shared/adapters/duckdb/training-table.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { parseJsonFile } from '../../../../shared/contracts/json-file.ts';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { RetrainingWorthSchema, StalenessSchema } from '../../../../shared/contracts/retraining-worth.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import {
  BENCH_START_MS,
  benchDefinition,
  openTrainingBench,
  prepareRun,
  runPipeline,
  type TrainingBench,
} from '../../../helpers/training-bench.ts';

const CAUSE = {
  kind: 'alarm',
  alarmName: 'a',
  alarmArn: 'arn:a',
  stateChangedAt: '2001-01-26T06:00:00.000Z',
  reason: '',
};
const AS_OF_MS = BENCH_START_MS + 25 * DAY_MS;
const RUN = { model: 'toy', runId: 'alarm-1', cause: CAUSE, asOfMs: AS_OF_MS };
const FEW_ROUNDS = { kind: 'built-in', rounds: 6, maxLeaves: 4, earlyStoppingRounds: 0 } as const;
const WORTH_KEY = 'runs/toy/alarm-1/retraining-worth.json';

/** Version 1 of 12 days serves, and an alarm's run of 25 days has its tables; told once, estimated in each test. */
let bench: TrainingBench;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  bench = openTrainingBench();
  await bench.loadDays(0, 25);
  const { version } = await runPipeline(bench, 'first', BENCH_START_MS + 12 * DAY_MS);
  await bench.registry.decideVersion({ model: 'toy', version, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 1 });
  await bench.registry.setAlias({ model: 'toy', alias: 'champion', version, principal: 'ann', atMs: 1 });
  await prepareRun(bench, 'alarm-1', AS_OF_MS);
});

const open = (change: Partial<ModelDefinitionInput> = {}) => {
  const events = createMemoryEventPublisher();
  const written = new Map<string, Uint8Array>();
  const definitions = new Map([['toy', benchDefinition({ trainer: FEW_ROUNDS, ...change })]]);
  let reads = 0;
  const artifacts = {
    get: async (key: string) => written.get(key) ?? bench.artifacts.get(key),
    exists: async (key: string) => written.has(key),
    put: async (key: string, body: Uint8Array) => {
      written.set(key, body);
      return { etag: 'e' };
    },
    putIfAbsent: async (key: string, body: Uint8Array) => {
      if (written.has(key)) return false;
      written.set(key, body);
      return true;
    },
  };
  const readTable: typeof readTrainingTable = (...given) => {
    reads += 1;
    return readTrainingTable(...given);
  };
  const deps = { definitions, artifacts, registry: bench.registry, readTable, events };
  return {
    deps,
    events,
    written,
    reads: () => reads,
    estimate: createHandler(deps),
    worth: () => parseJsonFile(RetrainingWorthSchema, written.get(WORTH_KEY) as Uint8Array, WORTH_KEY),
  };
};

describe('estimate-retraining', () => {
  it('holds the champion’s recipe on data as old as its own against candidates on newer data, and records it', async () => {
    const { estimate, worth, written, events } = open();

    const answer = await estimate(RUN);

    const record = worth();
    expect(record).toMatchObject({
      model: 'toy',
      runId: 'alarm-1',
      decision: answer.decision,
      reason: answer.reason,
      champion: { version: 1 },
    });
    const { backTest, champion } = record;
    expect(backTest?.incumbentThroughMs).toBe(champion?.trainedThroughMs);
    // The holdout is three days: candidates up to 22, 19, 16 and 13 days.
    expect(backTest?.candidatesThroughMs).toEqual([22, 19, 16, 13].map((days) => BENCH_START_MS + days * DAY_MS));
    expect(backTest?.days.map(({ day }) => day)).toEqual(Array.from({ length: 12 }, (_, i) => `2001-01-${14 + i}`));
    expect(backTest?.rowCount).toBeGreaterThan(1_200);
    expect(backTest?.isProxy).toBe(false);
    expect(events.published).toMatchObject([{ type: 'Retraining Decided', detail: { decision: answer.decision } }]);
    const staleness = parseJsonFile(
      StalenessSchema,
      written.get('runs/toy/alarm-1/staleness.json') as Uint8Array,
      'staleness.json',
    );
    expect(staleness.points.map(({ fromDays }) => fromDays)).toEqual([0, 7]);
  });

  it('trains by default where it finds no harm, whatever the gain', async () => {
    expect(await open().estimate(RUN)).toMatchObject({
      decision: 'retrain',
      reason: expect.stringContaining('no value of a loss is declared'),
    });
  });

  it('waits where the declared value of the gain is below the cost', async () => {
    const { estimate, worth } = open({ retraining: { costPerRun: 1_000, worth: { usdPerLoss: 0.001 } } });

    expect(await estimate(RUN)).toMatchObject({ decision: 'wait' });
    expect(worth().value).toMatchObject({ of: 'loss', usdPerUnit: 0.001, predictionsPerDay: 120, horizonDays: 28 });
    expect(worth().costUsd).toBe(1_000);
  });

  it('counts the gain on the predictions that are declared, which decide with it', async () => {
    const asked = (predictionsPerDay?: number) => {
      const worth = { usdPerLoss: 1, ...(predictionsPerDay === undefined ? {} : { predictionsPerDay }) };
      return open({ retraining: { costPerRun: 0.000_001, worth } });
    };
    const [usual, many] = [asked(), asked(12_000)];

    await usual.estimate(RUN);
    const { reason } = await many.estimate(RUN);

    const [few, more] = [usual.worth().value, many.worth().value];
    expect(more?.predictionsPerDay).toBe(12_000);
    expect(more?.gainUsd.mean).toBeCloseTo(100 * (few?.gainUsd.mean ?? Number.NaN));
    expect(reason).toContain('over 28 days of 12000 predictions it saves');
  });

  it('weighs decisions by their declared costs', async () => {
    const { estimate, worth } = open({
      evaluation: { holdoutDays: 3, costs: { falseAlarm: 1, miss: 3 } },
      retraining: { worth: { usdPerCost: 0.5 } },
    });

    await estimate(RUN);

    expect(worth().value).toMatchObject({ of: 'costs', usdPerUnit: 0.5 });
    expect(worth().backTest?.costGain?.mean).toBeTypeOf('number');
  });

  it('says the same when it is run twice, without doing its work again, and the first record stands', async () => {
    const { estimate, written, reads, deps } = open();
    const first = await estimate(RUN);
    const record = written.get(WORTH_KEY);
    const second = await estimate(RUN);
    const other = createHandler({
      ...deps,
      registry: { ...deps.registry, getModel: () => Promise.reject(new Error('another version serves now')) },
    });

    expect(second).toEqual(first);
    expect(await other(RUN)).toEqual(first);
    expect(written.get(WORTH_KEY)).toBe(record);
    expect(reads()).toBe(2);
  });

  it('writes the same again when it died between the two files', async () => {
    const { deps, written, worth } = open();
    const dying = createHandler({
      ...deps,
      artifacts: { ...deps.artifacts, putIfAbsent: () => Promise.reject(new Error('killed')) },
    });
    await expect(dying(RUN)).rejects.toThrow('killed');
    const staleness = written.get('runs/toy/alarm-1/staleness.json');

    await createHandler(deps)(RUN);

    expect(worth().runId).toBe('alarm-1');
    expect(written.get('runs/toy/alarm-1/staleness.json')).toEqual(staleness);
  });

  it('lets the built-in trainer stand in for an image, and says so', async () => {
    const image = `repository/trainer@sha256:${'a'.repeat(64)}`;
    const { estimate, worth } = open({ trainer: { kind: 'batch', image } });

    expect((await estimate(RUN)).reason).toContain('the built-in trainer stood in for the image');
    expect(worth().backTest?.isProxy).toBe(true);
    expect(worth()).not.toHaveProperty('costUsd');
  });

  it('trains, and says why, before the first version serves', async () => {
    const { deps, reads } = open();
    const registry = { ...deps.registry, getModel: async () => ({ aliases: {} }) as never };

    expect(await createHandler({ ...deps, registry })(RUN)).toMatchObject({
      decision: 'retrain',
      reason: 'it trains because its alarm rang, unweighed: no version serves yet',
    });
    expect(reads()).toBe(0);
  });

  it('reads and writes nothing where the definition wants no estimate', async () => {
    const { estimate, written, events, reads } = open({ retraining: { worth: { mode: 'off' } } });

    expect(await estimate(RUN)).toMatchObject({ decision: 'retrain' });
    expect([written.size, events.published.length, reads()]).toEqual([0, 0, 0]);
  });
});
