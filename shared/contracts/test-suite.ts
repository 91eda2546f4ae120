import * as v from 'valibot';

/** What a model's test suite found on a day: see `TestSuiteReport` in shared/core/test-suite. */

export const testReportPrefix = (model: string): string => `reports/${model}/tests/`;
/** In the data bucket. */
export const testReportKey = (model: string, day: string): string => `${testReportPrefix(model)}${day}.json`;
/** What the reference's own days measure, one file a version; made by the first suite that needs it. */
export const testRangesKey = (model: string, version: number): string =>
  `reports/${model}/test-ranges/version-${version}.json`;
/** The day's report for people, and its data. */
export const dailyReportKey = (model: string, day: string, format: 'html' | 'json'): string =>
  `reports/${model}/daily/${day}.${format}`;

const Day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day as YYYY-MM-DD'));

/** Input of write-daily-report. */
export const WriteDailyReportInput = v.object({
  model: v.string(),
  /** ISO 8601; the day reported on is the last whole UTC day before it. */
  scheduledAt: v.pipe(v.string(), v.isoTimestamp()),
});

/** A day, or the newest one that is reported on. */
export const ReportDayParameter = v.union([v.literal('latest'), Day], 'must be a day as YYYY-MM-DD, or latest');

const Severity = v.picklist(['low', 'medium', 'high']);

export const TestResultSchema = v.object({
  id: v.string(),
  check: v.string(),
  column: v.exactOptional(v.string()),
  by: v.exactOptional(v.string()),
  slice: v.exactOptional(v.string()),
  metric: v.exactOptional(v.string()),
  status: v.picklist(['pass', 'fail', 'skipped']),
  severity: Severity,
  retrain: v.boolean(),
  measured: v.exactOptional(v.number()),
  /** 95 %. A condition fails when no value of the interval meets it. */
  interval: v.exactOptional(v.tuple([v.number(), v.number()])),
  /** Every bound that is there must hold. */
  condition: v.exactOptional(
    v.object({
      below: v.exactOptional(v.number()),
      above: v.exactOptional(v.number()),
      atMost: v.exactOptional(v.number()),
      atLeast: v.exactOptional(v.number()),
    }),
  ),
  /** The definition; the reference's own days; what training measured; or the platform where none says anything. */
  conditionFrom: v.exactOptional(v.picklist(['declared', 'reference', 'training', 'default'])),
  basis: v.exactOptional(v.string()),
  reason: v.string(),
  detail: v.exactOptional(v.array(v.string())),
  failingSince: v.exactOptional(Day),
});

/** Contents of `reports/<model>/tests/<day>.json`. */
export const TestSuiteReportSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  version: v.exactOptional(v.number()),
  day: Day,
  status: v.picklist(['pass', 'fail', 'nothing tested']),
  passCount: v.number(),
  failCount: v.number(),
  skippedCount: v.number(),
  cleanDays: v.object({
    passShare: v.exactOptional(v.number()),
    referenceDays: v.number(),
    statement: v.string(),
  }),
  tests: v.array(TestResultSchema),
});
export type StoredTestSuiteReport = v.InferOutput<typeof TestSuiteReportSchema>;
