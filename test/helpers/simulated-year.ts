import { createHash } from 'node:crypto';
import type { ExecutionFact } from '../../infra/local/story/observer.ts';
import { defineModel } from '../../shared/contracts/model-definition.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import { assemble, startTestCloud, type TestCloud } from './local-cloud.ts';
import { BENCH_START_MS, benchDefinition } from './training-bench.ts';

/**
 * A tiny model in service for as long as one likes: trained every day on what became known, its drift checked every
 * hour over the last whole day, a version approved and rolled out every month; beside it what runs by itself, such as
 * the reconciler every quarter of an hour.
 */

export interface YearOptions {
  readonly assemblyFolder: string;
  readonly days: number;
  /** Absent: on worker threads and over HTTP instead, as `npm start` does. */
  readonly seed?: number;
  readonly onDay?: (day: number, nowMs: number) => void;
}

export interface YearFacts {
  readonly trainings: number;
  readonly driftChecks: number;
  readonly rollouts: number;
  /** Executions that ended in any other way than well. */
  readonly failures: number;
  /** Fewest predictions in a window that a report of the sampled days compares. */
  readonly fewestPredictions: number;
  readonly predictions: number;
  readonly events: number;
  /** SHA-256 of the event log. */
  readonly digest: string;
}

const WARM_UP_DAYS = 14;
const PREDICTIONS_A_DAY = 24;
const HISTORY_DAYS = 10;
/** A day's functions stay warm: a year of cold starts would measure how fast V8 evaluates the SDK. */
const KEPT_MS = 2 * DAY_MS;

export const assembleYear = (): Promise<string> => {
  const { data } = benchDefinition();
  return assemble([
    defineModel({
      ...benchDefinition(),
      data: { ...data, trainingDays: HISTORY_DAYS },
      approval: 'manual',
      trainer: { kind: 'built-in', rounds: 20, maxLeaves: 4 },
      // What is measured is the platform: the candidates need not win.
      evaluation: { holdoutDays: 3, margin: 0.5, minGainOverBaseline: 0 },
      deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 },
      monitors: { schedule: 'rate(1 hour)', windowDays: 1, minRows: 20 },
      retraining: { schedule: 'cron(30 1 * * ? *)', onDrift: false },
    }),
  ]);
};

const rows = (day: number): readonly unknown[] =>
  Array.from({ length: PREDICTIONS_A_DAY }, (_, i) => ({
    features: { x: (((day * 31 + i) * 37) % 100) / 100, kind: 'abc'[i % 3] },
  }));

const approveNewest = async (test: TestCloud): Promise<void> => {
  const versions = (await test.platform.versions('toy')) as readonly { readonly version: number }[];
  const newest = Math.max(...versions.map(({ version }) => version));
  const url = `${test.platformUrl}/models/toy/versions/${newest}/approve`;
  const { status } = await test.api.call('POST', url, {});
  if (status !== 200) throw new Error(`approving version ${newest} answered ${status}`);
};

const predict = async (test: TestCloud, day: number): Promise<void> => {
  const url = `${test.predictUrl}/models/toy/predict`;
  const { status, body } = await test.api.call('POST', url, { instances: rows(day) });
  if (status !== 200) throw new Error(`day ${day}: a prediction answered ${status}: ${JSON.stringify(body)}`);
};

/** From midnight to midnight: trained at 01:30, approved at 04:00 on the first of a month, asked at 07:00. */
const liveOneDay = async (test: TestCloud, day: number): Promise<void> => {
  const { clock } = test.cloud;
  const firstOfMonth = day === WARM_UP_DAYS || new Date(clock.nowMs()).getUTCDate() === 1;
  await clock.advanceBy(4 * HOUR_MS);
  if (firstOfMonth) await approveNewest(test);
  await clock.advanceBy(3 * HOUR_MS);
  await predict(test, day);
  await clock.advanceBy(17 * HOUR_MS);
  await test.loadToyDays(day, day + 1);
};

/** Step Functions forgets an execution 90 days after its end: they are written down before. */
const NOTE_EVERY_DAYS = 60;

const gather = async (
  test: TestCloud,
  days: number,
  executions: readonly ExecutionFact[],
): Promise<Omit<YearFacts, 'events' | 'digest'>> => {
  const ended = (workflow: string): number =>
    executions.filter((one) => one.workflow === workflow && one.status === 'SUCCEEDED').length;
  const rollouts = (await test.platform.rollouts('toy')) as readonly { readonly status: string }[];
  let fewestPredictions = Number.POSITIVE_INFINITY;
  // The last whole day has no report yet, the first ones no predictions.
  for (let day = WARM_UP_DAYS; day < WARM_UP_DAYS + days - 1; day += Math.max(1, Math.floor(days / 20))) {
    const report = await test.observer.driftReport('toy', utcDay(BENCH_START_MS + day * DAY_MS));
    fewestPredictions = Math.min(fewestPredictions, report?.rowCount ?? 0);
  }
  return {
    trainings: ended('train-toy'),
    driftChecks: ended('drift-check'),
    rollouts: rollouts.filter(({ status }) => status === 'PROMOTED').length,
    failures: executions.filter(({ status }) => status !== 'SUCCEEDED' && status !== 'RUNNING').length,
    fewestPredictions,
    predictions: days * PREDICTIONS_A_DAY,
  };
};

/** Lives so many days. */
export const liveDays = async ({ assemblyFolder, days, seed, onDay }: YearOptions): Promise<YearFacts> => {
  const log = createHash('sha256');
  let events = 0;
  const onEvent = (line: string): void => {
    log.update(line).update('\n');
    events += 1;
  };
  const test = await startTestCloud({
    assemblyFolder,
    startMs: BENCH_START_MS + WARM_UP_DAYS * DAY_MS,
    ...(seed === undefined ? {} : { simulation: { seed, idleEnvironmentMs: KEPT_MS, onEvent } }),
  });
  try {
    const noted = new Map<string, ExecutionFact>();
    const noteExecutions = async (): Promise<void> => {
      for (const execution of await test.observer.executions()) noted.set(execution.arn, execution);
    };
    await test.loadToyDays(0, WARM_UP_DAYS);
    for (let day = WARM_UP_DAYS; day < WARM_UP_DAYS + days; day += 1) {
      await liveOneDay(test, day);
      if ((day - WARM_UP_DAYS) % NOTE_EVERY_DAYS === NOTE_EVERY_DAYS - 1) await noteExecutions();
      onDay?.(day, test.cloud.clock.nowMs());
    }
    await noteExecutions();
    return { ...(await gather(test, days, [...noted.values()])), events, digest: log.digest('hex') };
  } finally {
    await test.stop();
  }
};
