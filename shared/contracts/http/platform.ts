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

const Instant = v.pipe(
  v.string(),
  v.isoTimestamp('must be an instant in ISO 8601, such as 2026-11-21T20:00:00Z'),
  v.transform((text) => Date.parse(text)),
);
const Cursor = v.pipe(v.string(), v.maxLength(2_000));

export const LineageQuery = v.object({
  direction: v.optional(v.picklist(['upstream', 'downstream']), 'upstream'),
  depth: v.optional(v.pipe(WholeNumber, v.maxValue(100, 'must be at most 100')), '100'),
  at: v.optional(Instant),
  cursor: v.optional(Cursor),
});
const Day = v.pipe(v.string(), v.isoDate('must be a UTC day such as 2026-11-21'));
const ModelName = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/, 'must be the name of a model'));

export const PredictionIdParameter = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'must be a prediction id'),
);
export const WhyQuery = v.object({ model: v.optional(ModelName), day: v.optional(Day) });

export const FeatureNameParameter = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be the name of a feature or a column: snake_case'),
);
export const DatasetImpactQuery = v.omit(LineageQuery, ['direction']);
export const FeatureImpactQuery = v.object({ model: ModelName, cursor: v.optional(Cursor) });
export const EntityImpactQuery = v.object({
  model: ModelName,
  value: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
  from: Day,
  to: Day,
  cursor: v.optional(Cursor),
});

export const UsageQuery = v.object({
  from: Day,
  to: Day,
  model: v.optional(ModelName),
  /** As it is counted: `key:<id>`, or an ARN. */
  client: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(2_048))),
  cursor: v.optional(Cursor),
});

export const LineageKindParameter = v.picklist(LINEAGE_NODE_KINDS);

/** A client's own name for its request: the same again within the platform's memory starts nothing new. */
export const IdempotencyKey = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 characters in [A-Za-z0-9_-]'),
);
