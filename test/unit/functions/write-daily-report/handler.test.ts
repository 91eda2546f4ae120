import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/write-daily-report/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { driftReportKey, EVALUATION_FILE, REFERENCE_PROFILE_FILE } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { DRIFT_REFERENCE_FILE, dayProfilesKey } from '../../../../shared/contracts/monitoring-keys.ts';
import { parse } from '../../../../shared/contracts/parse.ts';
import {
  dailyReportKey,
  TestSuiteReportSchema,
  testRangesKey,
  testReportKey,
} from '../../../../shared/contracts/test-suite.ts';
import {
  encodeDay,
  encodeReference,
  foldPlan,
  makeProfile,
  makeTrainingReference,
} from '../../../../shared/core/monitoring/index.ts';
import { createTableProfiler } from '../../../../shared/core/profiles/index.ts';
import type { DailyReport, ReferenceRanges, TestSuiteReport } from '../../../../shared/core/test-suite/index.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const START_MS = Date.UTC(2001, 0, 1);
const DAYS = 20;
const ROWS = 200;

type Row = Readonly<Record<string, number | string | null>>;

const rowsOf = (day: number, change: (row: { x: number; kind: string }) => object = (row) => row) =>
  Array.from({ length: ROWS }, (_, i) => {
    const n = (i * 37 + day * 101) % 199;
    const row = { x: n / 199, kind: ['a', 'b', 'c'][(i + day) % 3] as string, '@prediction': Math.fround(n / 199) };
    return { ...row, ...change(row) } as Row;
  });

const reference = (() => {
  const rows = Array.from({ length: DAYS }, (_, day) =>
    rowsOf(day).map((row, i) => ({ row, atMs: START_MS + day * DAY_MS + (i % 24) * HOUR_MS })),
  ).flat();
  const columns = new Map<string, Float64Array | readonly string[]>([
    ['x', Float64Array.from(rows, ({ row }) => row.x as number)],
    ['kind', rows.map(({ row }) => row.kind as string)],
  ]);
  const features = benchDefinition().features.map(({ name, type, min, max, monitor }) => ({
    name,
    type,
    min,
    max,
    monitor,
  }));
  const shared = {
    features,
    columns,
    eventAtMs: rows.map(({ atMs }) => atMs),
    predictions: rows.map(({ row }) => row['@prediction'] as number),
  };
  return {
    training: makeTrainingReference({ ...shared, blockDays: 1, slices: [] }),
    profile: makeProfile({
      ...shared,
      task: 'binary-classification',
      labels: new Float64Array(rows.length),
      windowDays: 7,
    }),
  };
})();

const EVALUATION = {
  schemaVersion: 1,
  task: 'binary-classification',
  passed: true,
  findings: [],
  candidate: {
    quality: { rowCount: 100, loss: 0.5, labelMean: 0.2, predictionMean: 0.2, auc: 0.7 },
    days: [0.49, 0.5, 0.51].map((loss, i) => ({ day: `2001-01-1${i}`, rowCount: 30, loss })),
  },
  baseline: { prediction: 0.2, loss: 0.6 },
};

/** The day that is checked, a month after the reference. */
const DAY = utcDay(START_MS + 40 * DAY_MS);
const due = { model: 'toy', scheduledAt: isoTime(START_MS + 41 * DAY_MS + 6 * HOUR_MS) };

type Tests = NonNullable<NonNullable<ModelDefinitionInput['monitors']>['tests']>;

const open = async ({ tests, deployed = true }: { tests?: Tests; deployed?: boolean } = {}) => {
  const data = createMemoryArtifactStore();
  const events = createMemoryEventPublisher();
  const files: Readonly<Record<string, Uint8Array>> = {
    [REFERENCE_PROFILE_FILE]: toJsonFile(reference.profile),
    [DRIFT_REFERENCE_FILE]: encodeReference(reference.training),
    [EVALUATION_FILE]: toJsonFile(EVALUATION),
  };
  const version = {
    model: 'toy',
    version: 1,
    status: 'APPROVED',
    runId: 'run-1',
    artifactPrefix: 'models/toy/d/',
    modelDigest: 'd',
    metrics: { trainingLoss: 0.4 },
    trainedThroughMs: START_MS + 20 * DAY_MS,
  };
  const handle = createHandler({
    definitions: new Map([['toy', benchDefinition(tests === undefined ? {} : { monitors: { tests } })]]),
    registry: {
      getDeployment: async () => (deployed ? ({ version: 1 } as never) : undefined),
      getVersion: async () => version as never,
      listVersions: async () => ({
        items: [version as never, { ...version, version: 2, status: 'PENDING_APPROVAL' } as never],
      }),
      listRollouts: async () => ({
        items: [{ rolloutId: 'r-1', version: 1, status: 'PROMOTED', startedAtMs: START_MS } as never],
      }),
      listRuns: async () => ({
        items: [{ runId: 'run-1', cause: { kind: 'call' }, status: 'FINISHED', startedAtMs: START_MS } as never],
      }),
    },
    shadowDays: { list: async () => [] },
    artifacts: createMemoryArtifactStore(),
    files: { read: async (_, file) => files[file] },
    data,
    events,
  });
  const plan = foldPlan(reference.training.bins, []);
  return {
    handle,
    data,
    events,
    capture: (day: string, rows: readonly Record<string, number | string | null>[]) => {
      const profiler = createTableProfiler(plan.bins);
      profiler.foldRows(rows);
      const summary = {
        day,
        sources: 's',
        slices: new Map([['all', profiler.profile()]]),
        rowsByHour: [],
        versions: {},
        duplicateCount: 0,
      };
      return data.put(dayProfilesKey('toy', plan.id, day), encodeDay(summary));
    },
    read: async <T>(key: string): Promise<T> => JSON.parse(new TextDecoder().decode(await data.get(key))),
  };
};

const typesOf = (events: Awaited<ReturnType<typeof open>>['events']) => events.published.map(({ type }) => type);

describe('write-daily-report', () => {
  it('lets a day like the reference pass, and says at which rate such days do', async () => {
    const { handle, capture, read, events } = await open();
    await capture(DAY, rowsOf(40));

    const output = await handle(due);

    const report = await read<TestSuiteReport>(testReportKey('toy', DAY));
    expect(output).toMatchObject({ day: DAY, status: 'pass', failCount: 0 });
    expect(parse(TestSuiteReportSchema, report)).toEqual(report);
    expect(report.tests.filter(({ conditionFrom }) => conditionFrom === 'reference').length).toBeGreaterThanOrEqual(7);
    expect(report.cleanDays).toMatchObject({ referenceDays: DAYS, passShare: DAYS / (DAYS + 1) });
    expect(typesOf(events)).toEqual(['Daily Report Written']);
  });

  it('finds what changed, tells it, and writes the page beside', async () => {
    const { handle, capture, read, data, events } = await open();
    await capture(
      DAY,
      rowsOf(40, ({ x, kind }) => ({ x: x * 3, kind: kind === 'a' ? 'z' : kind, odd: 1 })),
    );

    await handle(due);

    const { tests } = await read<TestSuiteReport>(testReportKey('toy', DAY));
    const failed = tests.filter(({ status }) => status === 'fail').map(({ id }) => id);
    expect(failed).toEqual(
      expect.arrayContaining(['schema-faults', 'drifted-feature-share', 'out-of-range-share', 'new-category-share']),
    );
    expect(typesOf(events)).toEqual(['Monitoring Tests Failed', 'Daily Report Written']);
    expect(events.published[0]?.detail).toMatchObject({ model: 'toy', day: DAY, since: DAY, severity: 'medium' });
    expect(events.published[1]?.detail).toMatchObject({ open: ['tests'] });
    const page = new TextDecoder().decode(await data.get(dailyReportKey('toy', DAY, 'html')));
    expect(page).toContain(`toy on ${DAY}`);
    expect(page).toContain('odd: unexpected column');
    expect(page).toContain('npx millrace approve toy@2 --reason TEXT');
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('finds rows that come again beyond what the rows learnt from do, and says what to look for', async () => {
    const { handle, capture, read } = await open();
    await capture(
      DAY,
      rowsOf(40, () => ({ x: 0.5, kind: 'a' })),
    );

    await handle(due);

    const { tests } = await read<TestSuiteReport>(testReportKey('toy', DAY));
    expect(tests.find(({ id }) => id === 'duplicated-rows')).toMatchObject({
      status: 'fail',
      severity: 'medium',
      measured: expect.closeTo(0.995, 3),
      conditionFrom: 'reference',
    });
    const { next } = await read<DailyReport>(dailyReportKey('toy', DAY, 'json'));
    expect(next.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^duplicated-rows: the same rows came/));
  });

  it('writes the same when it is run twice, and measures the reference once', async () => {
    const { handle, capture, data } = await open();
    await capture(DAY, rowsOf(40));
    await handle(due);
    const keys = [
      testReportKey('toy', DAY),
      dailyReportKey('toy', DAY, 'html'),
      dailyReportKey('toy', DAY, 'json'),
      testRangesKey('toy', 1),
    ];
    const before = await Promise.all(keys.map((key) => data.get(key)));

    await handle(due);

    expect(await Promise.all(keys.map((key) => data.get(key)))).toEqual(before);
  });

  it('measures the reference anew where a release before measured it otherwise', async () => {
    const { handle, capture, data, read } = await open();
    await capture(DAY, rowsOf(40));
    await handle(due);
    const made = await read<ReferenceRanges>(testRangesKey('toy', 1));
    const old = { ...made, schemaVersion: 1, values: { 'schema-faults': made.days.map(() => 3) } };
    await data.put(testRangesKey('toy', 1), toJsonFile(old), 'application/json');

    await handle(due);

    expect(await read(testRangesKey('toy', 1))).toEqual(made);
  });

  it('asks for one training an episode where a failed test does', async () => {
    const tests: Tests = [{ check: 'prediction-drift', below: 0.0001, severity: 'high', retrain: true }];
    const { handle, capture, events } = await open({ tests });
    const nextDay = utcDay(START_MS + 41 * DAY_MS);
    await capture(
      DAY,
      rowsOf(40, ({ x }) => ({ '@prediction': x / 2 })),
    );
    await capture(
      nextDay,
      rowsOf(41, ({ x }) => ({ '@prediction': x / 2 })),
    );

    await handle(due);
    await handle({ ...due, scheduledAt: isoTime(START_MS + 42 * DAY_MS + 6 * HOUR_MS) });

    const asked = events.published.filter(({ type }) => type === 'Training Requested');
    expect(asked.map(({ detail }) => (detail as { requestId: string }).requestId)).toEqual([
      `tests-toy-${DAY}`,
      `tests-toy-${DAY}`,
    ]);
    expect(asked[0]?.detail).toMatchObject({
      principal: 'workflow:drift-check',
      reason: expect.stringMatching(/^test prediction-drift failed: /),
    });
  });

  it('draws on from the last report, and tells drift of a report from before profiles', async () => {
    const { handle, capture, data, read } = await open();
    const drift = {
      schemaVersion: 1,
      version: 1,
      status: 'above-limit',
      reason: 'the PSI is 0.31',
      limits: { windowDays: 7, minRows: 1, predictionPsiLimit: 0.2 },
      comparison: { columns: [{ name: 'x', psi: 0.4, missingShare: 0, outOfRangeShare: 0 }], predictionPsi: 0.3 },
    };
    await data.put(driftReportKey('toy', DAY), toJsonFile(drift));
    const before: Partial<DailyReport> = {
      history: [{ day: utcDay(START_MS + 38 * DAY_MS), failCount: 2, evidence: 0.5 }],
    };
    await data.put(dailyReportKey('toy', utcDay(START_MS + 38 * DAY_MS), 'json'), toJsonFile(before));
    await capture(DAY, rowsOf(40));

    await handle(due);

    const report = await read<DailyReport>(dailyReportKey('toy', DAY, 'json'));
    expect(report.history.map(({ evidence }) => evidence)).toEqual([0.5, 0.3 / 0.2]);
    expect(report.open).toEqual(['drift']);
    expect(report.next[0]?.command).toBe('npx millrace train toy');
  });

  it('says of every test why it was skipped where nothing is in service', async () => {
    const { handle, read } = await open({ deployed: false });

    expect(await handle(due)).toMatchObject({ status: 'nothing tested' });
    const { tests } = await read<TestSuiteReport>(testReportKey('toy', DAY));
    expect(tests.find(({ id }) => id === 'schema-faults')?.reason).toBe('not measured: no version is in service');
    expect(tests.every(({ reason }) => reason.length > 10)).toBe(true);
  });

  it('says that a day without predictions has none', async () => {
    const { handle, read } = await open();

    await handle(due);

    const { tests } = await read<TestSuiteReport>(testReportKey('toy', DAY));
    expect(tests.find(({ id }) => id === 'missing-share')?.reason).toBe(
      `not measured: no prediction of ${DAY} was captured`,
    );
  });
});
