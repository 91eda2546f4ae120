import * as v from 'valibot';
import { driftReportKey, skewReportKey } from '../../shared/contracts/artifacts.ts';
import { PerformanceReportSchema, performanceReportKey } from '../../shared/contracts/performance-report.ts';
import { testReportKey } from '../../shared/contracts/test-suite.ts';
import type { ModelRecords, Recorded, RecordedDrift } from '../../shared/core/ml-test-score/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { type Bucket, mapRecord, readRecord } from './read-record.ts';

/** What the daily checks leave in the data bucket, one object a day. */

type KeyOf = (model: string, day: string) => string;
type DailyRecords = Pick<ModelRecords, 'drift' | 'skew' | 'performance' | 'tests'>;

/** As far as it is read here, of either version. */
const DriftReportFile = v.object({
  version: v.number(),
  rowCount: v.number(),
  metrics: v.object({
    missingShareMax: v.optional(v.number()),
    outOfRangeShareMax: v.optional(v.number()),
  }),
  profiles: v.optional(
    v.object({
      columns: v.array(v.object({ name: v.string() })),
      quality: v.array(v.object({ kind: v.string(), column: v.optional(v.string()) })),
    }),
  ),
});

const NOT_FINITE = 'not finite values';

const SkewReportFile = v.object({
  served: v.array(v.object({ comparedCount: v.number(), differingShare: v.number() })),
});

const TestReportFile = v.object({
  tests: v.array(v.object({ check: v.string(), status: v.picklist(['pass', 'fail', 'skipped']), reason: v.string() })),
});

const DAY_OF_KEY = /\/(\d{4}-\d{2}-\d{2})\.json$/;

/** Days of which there is a report, oldest first, none after `day`. */
export const reportedDays = async (
  { store }: Bucket,
  keyOf: KeyOf,
  { model, day }: { readonly model: string; readonly day: string },
): Promise<readonly string[]> => {
  const prefix = keyOf(model, '').replace(/\.json$/, '');
  const days = (await store.list(prefix)).map(({ key }) => DAY_OF_KEY.exec(key)?.[1] ?? '');
  return days.filter((one) => one !== '' && one <= day);
};

/** A report is made the morning after its day. */
export const madeAtMs = (day: string): number => Date.parse(day) + DAY_MS;

const readNewest = async <Schema extends v.GenericSchema>(
  data: Bucket,
  schema: Schema,
  keyOf: KeyOf,
  asked: { readonly model: string; readonly day: string },
): Promise<Recorded<v.InferOutput<Schema>> | undefined> => {
  const newest = (await reportedDays(data, keyOf, asked)).at(-1);
  if (newest === undefined) return undefined;
  return readRecord(data, { key: keyOf(asked.model, newest), schema, atMs: madeAtMs(newest) });
};

const driftOf = ({ version, rowCount, metrics, profiles }: v.InferOutput<typeof DriftReportFile>): RecordedDrift => ({
  version,
  rowCount,
  ...metrics,
  ...(profiles === undefined ? {} : { watchedColumnCount: profiles.columns.length }),
  notFiniteColumns: (profiles?.quality ?? []).flatMap(({ kind, column }) =>
    kind === NOT_FINITE && column !== undefined ? [column] : [],
  ),
});

/** The newest of each, of the day or before. */
export const readDailyReports = async (
  data: Bucket,
  asked: { readonly model: string; readonly day: string },
): Promise<DailyRecords> => {
  const [drift, skew, performance, tests] = await Promise.all([
    readNewest(data, DriftReportFile, driftReportKey, asked),
    readNewest(data, SkewReportFile, skewReportKey, asked),
    readNewest(data, PerformanceReportSchema, performanceReportKey, asked),
    readNewest(data, TestReportFile, testReportKey, asked),
  ]);
  return {
    drift: mapRecord(drift, driftOf),
    skew: mapRecord(skew, ({ served }) => ({
      comparedCount: served.reduce((sum, { comparedCount }) => sum + comparedCount, 0),
      skewShareMax: Math.max(0, ...served.map(({ differingShare }) => differingShare)),
    })),
    performance: mapRecord(performance, ({ status, limits, quality, fairness }) => ({
      status,
      limitCount: limits.length,
      crossed: limits.filter(({ crossed }) => crossed).map(({ metric, slice }) => `${metric} of ${slice}`),
      slices: [...new Set(quality.map(({ slice }) => slice))].filter((slice) => slice !== 'all'),
      ...(fairness === undefined || fairness.rows.length === 0
        ? {}
        : { fairness: { by: [...new Set(fairness.rows.map(({ by }) => by))], metricCount: fairness.rows.length } }),
    })),
    tests: mapRecord(tests, (report) => ({
      tests: report.tests
        .filter(({ status }) => status !== 'skipped')
        .map(({ check, status, reason }) => ({ check, passed: status === 'pass', reason })),
    })),
  };
};
