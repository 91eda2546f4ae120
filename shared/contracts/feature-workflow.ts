import * as v from 'valibot';

/** Inputs of the functions that keep the online store. */

const Instant = v.pipe(v.string(), v.isoTimestamp());

export const MaterializeFeaturesInput = v.object({
  model: v.string(),
  view: v.string(),
  /** ISO 8601: the moment as of which the values are, the same in every retry. */
  scheduledAt: Instant,
});

export const AuditSkewInput = v.object({
  model: v.string(),
  /** ISO 8601; the audited day is the last whole UTC day before it. */
  scheduledAt: Instant,
});
