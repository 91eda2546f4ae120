import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { datasetDayKey } from '../../shared/contracts/artifacts.ts';
import type { ModelDefinitionInput } from '../../shared/contracts/model-definition.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { mailedDetails, mailedTexts, readMails } from '../helpers/outbox.ts';
import { BENCH_START_MS, benchDefinition, dayRowsSql } from '../helpers/training-bench.ts';

/** Six models in one cloud on 15 January 2001, each trained for another reason or with another end. */

const day = (count: number): number => BENCH_START_MS + count * DAY_MS;
const NEWEST_ARRIVAL = datasetDayKey('arrivals', utcDay(day(13)));
const PERSON = 'arn:aws:iam::000000000000:user/local';

const { featuresSql, source } = benchDefinition().data;
const model = (name: string, change: Partial<ModelDefinitionInput> = {}) =>
  benchDefinition({ name, approval: 'manual', ...change });

const DEFINITIONS = [
  // Learns from the newest four days, of which two are held out, and goes into service by itself.
  benchDefinition({
    data: { dataset: 'toys', source, featuresSql, trainingDays: 4 },
    checks: { minRows: 400 },
    evaluation: { holdoutDays: 2 },
    deployment: { canarySteps: [1], bakeMinutes: 60 },
  }),
  model('toy-scheduled', { retraining: { schedule: 'cron(0 12 15 * ? *)' } }),
  model('toy-arrivals', { data: { dataset: 'arrivals', source, featuresSql }, retraining: { onNewData: true } }),
  // Its labels have nothing to do with its features.
  model('toy-noise', {
    data: { dataset: 'toys', source, featuresSql: featuresSql.replace('late::DOUBLE', '(hash(id) % 2)::DOUBLE') },
  }),
  // Whatever it asks for is more than a month may cost.
  model('toy-thrifty', {
    retraining: {
      schedule: 'cron(0 12 15 * ? *)',
      onQuality: true,
      maxAgeDays: 1,
      budgetPerMonth: 1,
      costPerRun: 2,
    },
  }),
  model('toy-strict', { checks: { minRows: 5_000, maxAgeHours: 12 } }),
];

let test: TestCloud;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-causes-'));

/** Writes what the queries give, one after the other, as one object of the data bucket. */
const putRows = async (key: string, queries: readonly string[]): Promise<void> => {
  const file = join(stateFolder, 'rows.parquet');
  const engine = await openDuckDb();
  try {
    await engine.execute(
      `COPY (${queries.map((sql) => `(${sql})`).join(' UNION ALL ')}) TO '${file}' (FORMAT parquet)`,
    );
  } finally {
    await engine.close();
  }
  await test.observer.data.put(key, await readFile(file));
};

const days = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);
/** A quarter of the day's labels are wrong. */
const spoilt = (sql: string): string => `SELECT * REPLACE (late <> (hash(id) % 4 = 0) AS late) FROM (${sql})`;

/** A model's runs, each beside its execution. */
const takeStock = async (name: string) => {
  const [runs, versions, executions] = await Promise.all([
    test.platform.runs(name),
    test.platform.versions(name),
    test.observer.executions(new RegExp(`^train-${name}$`)),
  ]);
  const inputs = await Promise.all(executions.map(({ arn }) => test.observer.executionInput(arn)));
  return { runs, versions, executions, inputs };
};

type Stock = Awaited<ReturnType<typeof takeStock>>;

const tellStory = async () => {
  const { clock } = test.cloud;
  await test.loadToyDays(0, 14);
  for (const name of ['toy', 'toy-noise', 'toy-strict']) await test.platform.requestTraining(name, 'first');
  await putRows(NEWEST_ARRIVAL, days(0, 14).map(dayRowsSql));
  await clock.advanceTo(day(14) + 13 * HOUR_MS);
  const first = await takeStock('toy');

  for (const count of [14, 15]) {
    await putRows(datasetDayKey('toys', utcDay(day(count))), [spoilt(dayRowsSql(count))]);
  }
  await test.loadToyDays(16, 18);
  await clock.advanceTo(day(18) + HOUR_MS);
  await test.platform.requestTraining('toy', 'second');
  await clock.advanceTo(day(18) + 2 * HOUR_MS);
  return {
    first,
    second: await takeStock('toy'),
    live: await test.observer.liveWeights('toy'),
    scheduled: await takeStock('toy-scheduled'),
    arrivals: await takeStock('toy-arrivals'),
    noise: await takeStock('toy-noise'),
    strict: await takeStock('toy-strict'),
    thrifty: await takeStock('toy-thrifty'),
    refusals: mailedTexts(stateFolder, /^a training of .* was refused$/),
    failures: mailedDetails(stateFolder, 'Step Functions Execution Status Change'),
    mails: readMails(stateFolder),
  };
};
let story: Awaited<ReturnType<typeof tellStory>>;

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble(DEFINITIONS), stateFolder, simulation: IN_ONE_PROCESS });
  story = await tellStory();
}, 180_000);

afterAll(async () => {
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

/** The one run of a model, whose cause its execution's input must carry too. */
const theRun = (name: string, { runs, executions, inputs }: Stock) => {
  expect(runs).toHaveLength(1);
  expect(executions.map((execution) => execution.name)).toEqual([runs[0]?.runId]);
  expect(inputs).toEqual([{ model: name, cause: runs[0]?.cause }]);
  return { ...runs[0], execution: executions[0] };
};
/** The numbers that follow a phrase of an outcome. */
const numberAfter = (phrase: string, outcome: string | undefined): number => {
  const start = outcome?.indexOf(phrase) ?? -1;
  expect(start, `${phrase} in ${outcome}`).toBeGreaterThanOrEqual(0);
  return Number.parseFloat(outcome?.slice(start + phrase.length) ?? '');
};

describe('what starts a training', () => {
  it('a schedule of the definition does, at its instant', () => {
    const run = theRun('toy-scheduled', story.scheduled);

    expect(run.cause).toEqual({ kind: 'schedule', scheduledAt: '2001-01-15T12:00:00.000Z' });
    expect(run.startedAtMs).toBeGreaterThanOrEqual(day(14) + 12 * HOUR_MS);
    expect(run).toMatchObject({ status: 'FINISHED', version: 1, execution: { status: 'SUCCEEDED' } });
  });

  it('an object that arrives in the dataset of a model that waits for it does, and no other object', () => {
    const run = theRun('toy-arrivals', story.arrivals);

    expect(run.cause).toEqual({
      kind: 'new-data',
      bucket: test.cloud.outputs['Millrace-local-data']?.DataBucketName,
      key: NEWEST_ARRIVAL,
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(run).toMatchObject({ status: 'FINISHED', version: 1, execution: { status: 'SUCCEEDED' } });
  });

  it('a call does, with its caller and its reason', () => {
    const run = theRun('toy', story.first);

    expect(run.cause).toEqual({ kind: 'call', principal: PERSON, requestId: expect.any(String), reason: 'first' });
    expect(run).toMatchObject({ status: 'FINISHED', version: 1, execution: { status: 'SUCCEEDED' } });
  });
});

describe('what the month’s budget does not bear', () => {
  it('starts nothing, by schedule or by age, and only the schedule is news', () => {
    expect(story.thrifty.executions).toEqual([]);
    const refusals = story.refusals.filter((text) => text.startsWith('a training of toy-thrifty was'));
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(
      '\nthe budget of 2001-01 is spent: 0 $ of 1.00 $ (retraining.budgetPerMonth), and another run costs about ' +
        '2.00 $; it is looked at again on 2001-02-01\nAsked for by schedule: 2001-01-15T12:00:00.000Z.',
    );
  });
});

describe('what the gate refuses', () => {
  it('a candidate that is not better than the base rate ends its run with the numbers and registers nothing', () => {
    const run = theRun('toy-noise', story.noise);

    expect(run).toMatchObject({ status: 'FINISHED', execution: { status: 'SUCCEEDED' } });
    expect(run.version).toBeUndefined();
    expect(story.noise.versions).toEqual([]);
    const loss = numberAfter("refused: the candidate's loss ", run.outcome);
    const baseline = numberAfter("must be lower than the base rate's ", run.outcome);
    const gain = numberAfter('by a share of at least 0.005, got ', run.outcome);
    expect(gain).toBeCloseTo((baseline - loss) / baseline, 3);
    expect(gain).toBeLessThan(0.005);
  });

  it('a candidate that is worse than the champion beyond the margin is refused, and the champion stays', () => {
    const { runs, executions, versions, inputs } = story.second;
    const run = runs[1];

    expect(inputs[1]).toEqual({ model: 'toy', cause: run?.cause });
    expect(run).toMatchObject({ status: 'FINISHED', cause: { kind: 'call', reason: 'second' } });
    expect(run?.version).toBeUndefined();
    expect(executions[1]?.status).toBe('SUCCEEDED');
    // Better than the base rate: only the champion speaks against it.
    expect(run?.outcome?.match(/refused: /g)).toHaveLength(1);
    expect(
      numberAfter(
        "refused: the candidate's mean daily loss may exceed the champion's by at most 0.005, got ",
        run?.outcome,
      ),
    ).toBeGreaterThan(0.005);
    expect(versions.map(({ version }) => version)).toEqual([1]);
    expect(story.live).toEqual({ '2': 1 });
  });

  it('a mail tells the operator of each refusal, with its cause and its numbers', () => {
    const [noise, toy] = [story.noise.runs[0], story.second.runs[1]];

    const byGate = story.refusals.filter((text) => !text.includes('toy-thrifty'));
    expect(byGate.map((text) => text.split('\n').slice(0, 3))).toEqual([
      ['a training of toy-noise was refused', '', noise?.outcome],
      ['a training of toy was refused', '', toy?.outcome],
    ]);
    expect(byGate.map((text) => /^Asked for by (\S+):/m.exec(text)?.[1])).toEqual([noise?.cause.kind, toy?.cause.kind]);
    expect(new Set(story.mails.map(({ to }) => to))).toEqual(new Set(['operator@example.com']));
  });
});

describe('what the input checks refuse', () => {
  const SENTENCE =
    'the data is refused: training needs at least 5000 labelled rows, got 1680; the newest label must be at most 12 h old, got 21.02 h';

  it('too few rows and stale labels fail the run and its execution, with the numbers', () => {
    const run = theRun('toy-strict', story.strict);

    expect(run).toMatchObject({ status: 'FAILED', outcome: `InvalidRequestError: ${SENTENCE}` });
    expect(run.execution?.status).toBe('FAILED');
    expect(story.strict.versions).toEqual([]);
  });

  it('a mail tells the operator that the execution failed, and why', () => {
    expect(story.failures).toHaveLength(1);
    expect(story.failures[0]).toMatchObject({
      executionArn: story.strict.executions[0]?.arn,
      status: 'FAILED',
      error: 'InvalidRequestError',
      cause: expect.stringContaining(SENTENCE),
    });
  });
});
