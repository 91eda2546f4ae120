import * as v from 'valibot';
import { closedObject } from '../closed-object.ts';
import { LINEAGE_NODE_KINDS } from '../lineage.ts';

/** Requests of the platform API. */

const Reason = v.pipe(v.string(), v.trim(), v.maxLength(1_000));

/** Body of `POST …/train`, `…/approve` and `…/reject`. */
export const ReasonBody = closedObject({ reason: v.optional(Reason) });

const WholeNumber = v.pipe(v.string(), v.regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1'), v.transform(Number));

export const VersionParameter = WholeNumber;

export const PageQuery = v.object({
  limit: v.optional(v.pipe(WholeNumber, v.maxValue(100, 'must be at most 100')), '20'),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(2_000))),
});

export const LineageQuery = v.object({
  direction: v.optional(v.picklist(['upstream', 'downstream']), 'upstream'),
});
export const LineageKindParameter = v.picklist(LINEAGE_NODE_KINDS);

/** A client's own name for its request: the same again within the platform's memory starts nothing new. */
export const IdempotencyKey = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 characters in [A-Za-z0-9_-]'),
);
