import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/estimate-retraining/handler.ts';
import { readTrainingTable } from '../../../../shared/adapters/duckdb/training-table.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { driftReportKey } from '../../../../shared/contracts/artifacts.ts';
import { parseJsonFile, toJsonFile } from '../../../../shared/contracts/json-file.ts';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { RetrainingWorthSchema, StalenessSchema } from '../../../../shared/contracts/retraining-worth.ts';
import { UnavailableError } from '../../../../shared/kernel/errors.ts';
import { DAY_MS, utcDay } from '../../../../shared/kernel/time.ts';
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
  const data = createMemoryArtifactStore();
  const deps = { definitions, artifacts, data, registry: bench.registry, readTable, events };
  return {
    deps,
    data,
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
    expect(worth().value).toMatchObject({ of: 'loss', usdPerUnit: 0.001, horizonDays: 28 });
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
    expect(more).toMatchObject({ predictionsPerDay: 12_000, predictionsFrom: { kind: 'declared' } });
    expect(more?.gainUsd.mean).toBeCloseTo(100 * (few?.gainUsd.mean ?? Number.NaN));
    expect(reason).toContain('at 12000 predictions a day (declared) it saves');
  });

  describe('without a declared number of predictions', () => {
    const VALUED = { retraining: { worth: { usdPerLoss: 1 } } } as const;
    const dayBefore = (days: number): string => utcDay(AS_OF_MS - days * DAY_MS);
    const reportKey = (days: number): string => driftReportKey('toy', dayBefore(days));
    /** `rowCounts` of the days up to the report's, oldest first. */
    const reportOf = (days: number, rowCounts: readonly number[]) =>
      toJsonFile({
        schemaVersion: 2,
        volume: {
          days: rowCounts.map((rowCount, i) => ({ day: dayBefore(days + rowCounts.length - 1 - i), rowCount })),
        },
      });

    it('counts the gain on what was captured on the last days, as the newest drift report has it', async () => {
      const { estimate, worth, data, written } = open(VALUED);
      await data.put(reportKey(2), reportOf(2, [9_999]), 'application/json');
      await data.put(reportKey(1), reportOf(1, [0, 30, 0, 60]), 'application/json');
      await data.put(reportKey(0), reportOf(0, [7_777]), 'application/json');

      const { reason } = await estimate(RUN);

      expect(worth().value).toMatchObject({
        predictionsPerDay: 30,
        predictionsFrom: { kind: 'captured', dayCount: 3, throughDay: dayBefore(1) },
      });
      const told = `at 30 predictions a day (captured over 3 days to ${dayBefore(1)})`;
      expect(reason).toContain(`${told} it saves`);
      const staleness = new TextDecoder().decode(written.get('runs/toy/alarm-1/staleness.json'));
      expect(JSON.parse(staleness).statement).toContain(`${told} retraining pays`);
    });

    it.each([
      ['there is no report', {}, 'the last 28 days have no drift report'],
      ['the only report is older', { [reportKey(40)]: reportOf(40, [500]) }, 'the last 28 days have no drift report'],
      ['nothing was captured', { [reportKey(1)]: reportOf(1, [0, 0, 0]) }, 'none was captured in the last 28 days'],
      [
        'the report is of a release that counted no days',
        { [reportKey(1)]: toJsonFile({ schemaVersion: 1, rowCount: 9 }) },
        `${reportKey(1)} counts no days`,
      ],
      [
        'the report is malformed',
        { [reportKey(1)]: toJsonFile({ schemaVersion: 2, volume: { days: [{ day: 'x', rowCount: '9' }] } }) },
        `${reportKey(1)} cannot be read`,
      ],
      [
        'the report is cut off',
        { [reportKey(1)]: new TextEncoder().encode('{"vol') },
        `${reportKey(1)} cannot be read`,
      ],
    ])('counts the rows of the dataset where %s, and says why', async (_, reports, why) => {
      const { estimate, worth, data } = open(VALUED);
      for (const [key, body] of Object.entries(reports)) await data.put(key, body, 'application/json');

      const { reason } = await estimate(RUN);

      expect(worth().value).toMatchObject({
        predictionsPerDay: 120,
        predictionsFrom: { kind: 'dataset', reason: why },
      });
      expect(reason).toContain(`at 120 predictions a day (the dataset's rows: ${why})`);
    });

    it('fails, to be tried again, where the report cannot be had for a moment', async () => {
      const { deps } = open(VALUED);
      await deps.data.put(reportKey(1), reportOf(1, [9]), 'application/json');
      const data = { ...deps.data, get: () => Promise.reject(new UnavailableError('slow down')) };

      await expect(createHandler({ ...deps, data })(RUN)).rejects.toThrow('slow down');
    });

    it('reads no report where no value is declared, or where the number is', async () => {
      const data = { get: () => Promise.reject(new Error('read')), list: () => Promise.reject(new Error('listed')) };

      for (const worth of [{}, { usdPerLoss: 1, predictionsPerDay: 5 }])
        expect(await createHandler({ ...open({ retraining: { worth } }).deps, data })(RUN)).toHaveProperty('decision');
    });
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
