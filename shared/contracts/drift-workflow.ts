import * as v from 'valibot';

/** Inputs of the functions that drift-check runs. */

const ScheduledAt = v.pipe(v.string(), v.isoTimestamp());
const Day = v.pipe(v.string(), v.isoDate());

/** Where a version's files lie, and by what they are verified. */
const Package = v.object({ artifactPrefix: v.string(), manifestDigest: v.string() });

export const PlanFoldsInput = v.object({
  model: v.string(),
  /** ISO 8601; the window ends with the last whole UTC day before it. */
  scheduledAt: ScheduledAt,
});

/** Hours of arrival whose captured objects one invocation folds. */
export const FoldHoursSchema = v.object({
  day: Day,
  /** 00 to 23. */
  hours: v.array(v.pipe(v.string(), v.regex(/^\d\d$/))),
});
export type FoldHours = v.InferOutput<typeof FoldHoursSchema>;

export const FoldCapturesInput = v.object({
  model: v.string(),
  /** Of the version by whose reference rows are folded. */
  package: Package,
  item: v.object({ days: v.array(FoldHoursSchema) }),
});
export type FoldItem = v.InferOutput<typeof FoldCapturesInput>['item'];

export const ProfileWindowInput = v.object({
  model: v.string(),
  scheduledAt: ScheduledAt,
  /** The version in service when the folds were planned. */
  version: v.number(),
  package: Package,
});

export const DetectDriftInput = v.object({
  model: v.string(),
  version: v.number(),
  package: Package,
  /** Key of what the window holds, in the data bucket. */
  windowProfileKey: v.string(),
});

const Newest = v.object({
  lastPredictionAtMs: v.optional(v.number()),
  lastDataDay: v.optional(v.string()),
});

/** What a window holds, beside the profiles of its days. */
export const WindowFileSchema = v.object({
  schemaVersion: v.literal(2),
  model: v.string(),
  version: v.number(),
  /** Names the bins and slices that its days were folded by. */
  foldId: v.string(),
  fromMs: v.number(),
  toMs: v.number(),
  rowCount: v.number(),
  /** Days with predictions, oldest first. */
  days: v.array(Day),
  versions: v.record(v.string(), v.number()),
  duplicateCount: v.number(),
  newest: Newest,
});
export type WindowFile = v.InferOutput<typeof WindowFileSchema>;
