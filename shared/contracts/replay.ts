import * as v from 'valibot';

/** What came of scoring captured inputs with the challenger and the champion before the first live request. */

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Input of `replay-captured`. */
export const ReplayCapturedInput = v.object({
  model: v.string(),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  kind: v.picklist(['model', 'code']),
  rolloutId: v.string(),
});

const ReplayPartSchema = v.object({
  /** `all`, or the declared slice. */
  slice: v.string(),
  /** Rows that both scored. */
  rowCount: Count,
  /** Mean of challenger − champion. */
  meanDifference: v.number(),
  /** Largest of |challenger − champion|. */
  largestDifference: v.number(),
  /** Share of rows whose prediction moved by more than the report's `changedAbove`. */
  changedShare: v.number(),
});

export const ReplayReportSchema = v.object({
  model: v.string(),
  rolloutId: v.string(),
  challenger: v.number(),
  champion: v.optional(v.number()),
  atMs: v.number(),
  outcome: v.picklist(['passed', 'refused', 'nothing captured']),
  /** Why it was refused, one line each. */
  reasons: v.array(v.string()),
  /** What was not compared, and why, one line each. */
  notes: v.optional(v.array(v.string()), []),
  /** Of what time the captured inputs are. */
  fromMs: v.optional(v.number()),
  toMs: v.optional(v.number()),
  /** Captured predictions, one for each id. */
  rowCount: v.optional(Count, 0),
  /** Of these, rows that lack a feature which the challenger reads: no failures. */
  notComparableCount: v.optional(Count, 0),
  challengerFailures: Count,
  championFailures: Count,
  changedAbove: v.number(),
  /** Empty where nothing was compared. */
  parts: v.array(ReplayPartSchema),
  /** Median time of one row, in ms. */
  latency: v.optional(v.object({ challengerMs: v.number(), championMs: v.number() })),
});
export type ReplayReport = v.InferOutput<typeof ReplayReportSchema>;

/** In the artifact bucket. */
export const replayReportKey = (model: string, rolloutId: string): string =>
  `rollouts/${model}/${rolloutId}/replay.json`;
