import * as v from 'valibot';

/** Inputs of the functions that drift-check runs. */

export const ProfileWindowInput = v.object({
  model: v.string(),
  /** ISO 8601; the window ends with the last whole UTC day before it. */
  scheduledAt: v.pipe(v.string(), v.isoTimestamp()),
});

export const DetectDriftInput = v.object({
  model: v.string(),
  version: v.number(),
  /** Key of the window's profile in the data bucket. */
  windowProfileKey: v.string(),
  /** Key of the reference profile in the artifact bucket. */
  referenceProfileKey: v.string(),
});
