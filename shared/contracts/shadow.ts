import * as v from 'valibot';

/** Input of `compare-versions`. */
export const CompareVersionsInput = v.object({
  model: v.string(),
  /** ISO 8601, when it was due: days whose labels were complete by then are compared. */
  scheduledAt: v.pipe(v.string(), v.isoTimestamp()),
});

const WholeNumber = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,9}$/, 'must be a whole number of at least 1'),
  v.transform(Number),
);

/** Query of `GET /models/{model}/versions/{version}/shadow`. */
export const ShadowQuery = v.object({
  /** The version to compare with. Default: the one in service. */
  against: v.optional(WholeNumber),
});
