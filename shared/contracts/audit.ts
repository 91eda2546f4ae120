import * as v from 'valibot';

/** Where the heads of the audit log's chains lie in the seal bucket, under Object Lock. */

export const SEALED_HEADS_PREFIX = 'audit/heads/';

/** One object a day and chain; a workspace's model has a slash in its chain's name. */
export const sealedHeadKey = (day: string, model: string): string =>
  `${SEALED_HEADS_PREFIX}${day}/${encodeURIComponent(model)}.json`;

export const SealedHeadSchema = v.strictObject({
  day: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
  model: v.string(),
  seq: v.pipe(v.number(), v.integer(), v.minValue(1)),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

export const SealAuditInput = v.object({ scheduledAt: v.pipe(v.string(), v.isoTimestamp()) });
