import * as v from 'valibot';
import { showValue } from '../kernel/show-value.ts';
import { closedFields, closedObject } from './closed-object.ts';

/**
 * How a model's features are had at request time. A *feature view* keeps the features of an entity in the online store,
 * made by the training query itself: its `sql` gives, for a moment, one row for each entity in the shape of the dataset,
 * the training query computes the features of that row, and they are what a flight of that airport at that moment would
 * have been trained on. A *request feature* is an expression over what the caller sends and what views hold; training
 * computes it by the same expression, translated to SQL.
 */

const ColumnName = v.pipe(v.string(), v.maxLength(64), v.regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case'));
/** With a model's name before it, it names a schedule. */
const ViewName = v.pipe(
  v.string(),
  v.maxLength(31),
  v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case: lower-case letters, digits and single hyphens'),
);
const ScheduleExpression = v.pipe(
  v.string(),
  v.regex(/^(rate|cron)\(.+\)$/, 'must be an EventBridge Scheduler rate(...) or cron(...) expression'),
);
const FeatureValue = v.union([v.pipe(v.number(), v.finite()), v.string(), v.null()]);

export type ValueKind = 'number' | 'category' | 'timestamp';

/** Operations of an expression with the kinds of what they take; `more` stands for any number like the last. */
export const EXPRESSION_OPERATIONS = {
  /** Parts of a timestamp's local time; the zone is an IANA name. Weekdays are ISO's: Monday is 1. */
  hour: { takes: ['timestamp', 'category'] },
  minute: { takes: ['timestamp', 'category'] },
  weekday: { takes: ['timestamp', 'category'] },
  add: { takes: ['number', 'number'], more: true },
  subtract: { takes: ['number', 'number'] },
  multiply: { takes: ['number', 'number'], more: true },
  /** By zero: no value. */
  divide: { takes: ['number', 'number'] },
  absolute: { takes: ['number'] },
  /** The largest whole number that is not above it. */
  floor: { takes: ['number'] },
  /** The first that has a value. */
  first: { takes: ['number', 'number'], more: true },
} as const satisfies Readonly<Record<string, { readonly takes: readonly ValueKind[]; readonly more?: true }>>;

export type ExpressionOperation = keyof typeof EXPRESSION_OPERATIONS;

/**
 * A number, the name of a value, or an operation on expressions. Without one of its values an operation has none. A
 * timestamp counts as a number of milliseconds where a number is taken.
 */
export type Expression = number | string | { readonly op: ExpressionOperation; readonly of: readonly Expression[] };

const Expression: v.GenericSchema<Expression> = v.lazy((input) => {
  if (typeof input === 'number') return v.pipe(v.number(), v.finite());
  if (typeof input === 'string') return ColumnName;
  return closedFields({
    op: v.picklist(Object.keys(EXPRESSION_OPERATIONS) as [ExpressionOperation, ...ExpressionOperation[]]),
    of: v.pipe(v.array(Expression), v.minLength(1), v.maxLength(16)),
  });
});

/** A value that a caller sends instead of features. */
export const RequestValueSchema = closedObject({
  name: ColumnName,
  /** A timestamp is sent as ISO 8601 or epoch ms; the training query gives it as the BIGINT column `<name>_ms`. */
  type: v.picklist(['number', 'category', 'timestamp']),
});

export const RequestFeatureSchema = closedObject({ name: ColumnName, expression: Expression });

const OnMissing = v.lazy((input) =>
  typeof input === 'object' && input !== null
    ? v.record(ColumnName, FeatureValue)
    : v.picklist(['refuse', 'null'], 'must be refuse, null or an object of values by feature'),
);

const ServedFields = {
  name: ViewName,
  /** The join key: columns of the training query that name the entity, sent by callers as text. */
  entity: v.pipe(v.array(ColumnName), v.minLength(1), v.maxLength(4)),
  /** Which of the model's features the view holds. */
  features: v.optional(v.array(ColumnName), []),
  /** Further columns of the training query that request features need, such as a time zone. */
  attributes: v.optional(v.array(closedObject({ name: ColumnName, type: v.picklist(['number', 'category']) })), []),
  /** Older values are not served as they are: `onMissing` says what is. */
  ttlMinutes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /**
   * What stands for the features of an entity that is unknown or whose values are too old: `refuse` (the request is),
   * `null` for each, or values by name and null for the others. Attributes stand so too.
   */
  onMissing: v.optional(OnMissing, 'refuse'),
};

export const FeatureViewSchema = closedObject({
  ...ServedFields,
  /**
   * One SELECT for DuckDB over the view `dataset` (what was known at `:as_of_ms`): one row for each entity in the shape
   * of the dataset, whose event happens at `:as_of_ms`. Columns that it leaves out are NULL.
   */
  sql: v.pipe(v.string(), v.includes(':as_of_ms', 'must use :as_of_ms')),
  /** How far back `sql` and the training query look for these features: older days of the dataset are not read. */
  lookBackDays: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_660)),
  /** When the view is materialized. Default: never by itself, only when it is asked for. */
  schedule: v.optional(ScheduleExpression),
});

/** What serving needs of a definition, kept with each model version: `feature-views.json`. */
export const OnlinePlanSchema = v.object({
  schemaVersion: v.literal(1),
  views: v.array(v.object(ServedFields)),
  requestValues: v.array(RequestValueSchema),
  requestFeatures: v.array(RequestFeatureSchema),
});

type Feature = { readonly name: string; readonly type: 'number' | 'category'; readonly nullable: boolean };
type View = v.InferOutput<typeof FeatureViewSchema>;

const valueKinds = (definition: Parts): ReadonlyMap<string, ValueKind> => {
  const features = new Map(definition.features.map(({ name, type }) => [name, type]));
  return new Map<string, ValueKind>([
    ...(definition.data.requestValues ?? []).map(({ name, type }) => [name, type] as const),
    ...(definition.featureViews ?? []).flatMap(({ features: held, attributes }) => [
      ...held.map((name) => [name, features.get(name) ?? 'number'] as const),
      ...attributes.map(({ name, type }) => [name, type] as const),
    ]),
  ]);
};

type Kind = ValueKind | { readonly fault: string };
interface Operation {
  readonly takes: readonly ValueKind[];
  readonly more?: true;
}

/** Whether an operation may take a part of a kind. */
const takesPart = (op: ExpressionOperation, part: Expression, kind: ValueKind, index: number): Kind => {
  const { takes }: Operation = EXPRESSION_OPERATIONS[op];
  const wanted = takes[Math.min(index, takes.length - 1)] ?? 'number';
  if (wanted === 'timestamp' && typeof part !== 'string') return { fault: `must give ${op} a timestamp by its name` };
  if (kind === wanted || (wanted === 'number' && kind === 'timestamp')) return kind;
  return { fault: `gives ${op} a ${kind} as value ${index + 1}, it takes a ${wanted}` };
};

/** The kind that an expression gives, or what is wrong with it. */
const kindOf = (expression: Expression, kinds: ReadonlyMap<string, ValueKind>): Kind => {
  if (typeof expression === 'number') return 'number';
  if (typeof expression === 'string') {
    const kind = kinds.get(expression);
    return kind ?? { fault: `uses ${expression}, which is not among ${[...kinds.keys()].join(', ') || 'no values'}` };
  }
  const { op, of } = expression;
  const { takes, more }: Operation = EXPRESSION_OPERATIONS[op];
  if (of.length < takes.length || (of.length > takes.length && more === undefined)) {
    return { fault: `gives ${op} ${of.length} values, it takes ${takes.length}${more ? ' or more' : ''}` };
  }
  const faults = of.map((part, i) => {
    const kind = kindOf(part, kinds);
    return typeof kind === 'object' ? kind : takesPart(op, part, kind, i);
  });
  return faults.find((fault) => typeof fault === 'object') ?? 'number';
};

interface Parts {
  readonly features: readonly Feature[];
  readonly data: {
    readonly requestValues?: readonly v.InferOutput<typeof RequestValueSchema>[] | undefined;
    readonly requestFeatures?: readonly v.InferOutput<typeof RequestFeatureSchema>[] | undefined;
  };
  readonly featureViews?: readonly View[] | undefined;
}

const requestFeatureFault = (definition: Parts): string | undefined => {
  const kinds = valueKinds(definition);
  for (const { name, expression } of definition.data.requestFeatures ?? []) {
    const feature = definition.features.find((one) => one.name === name);
    if (feature === undefined) return `data.requestFeatures must be among the features, got ${showValue(name)}`;
    const kind = kindOf(expression, kinds);
    if (typeof kind === 'object') return `data.requestFeatures: ${name} ${kind.fault}`;
    if (kind !== feature.type) return `data.requestFeatures: ${name} is a ${kind}, the feature a ${feature.type}`;
  }
  return undefined;
};

const missingFault = ({ name: view, features: held, attributes, onMissing }: View, features: readonly Feature[]) => {
  if (onMissing === 'refuse') return undefined;
  const values = onMissing === 'null' ? {} : onMissing;
  const kinds = new Map<string, string>([
    ...features.filter(({ name }) => held.includes(name)).map(({ name, type }) => [name, type] as const),
    ...attributes.map(({ name, type }) => [name, type] as const),
  ]);
  for (const [name, value] of Object.entries(values)) {
    const kind = kinds.get(name);
    if (kind === undefined) return `${view}: onMissing names ${showValue(name)}, which the view does not hold`;
    if (value !== null && typeof value !== (kind === 'number' ? 'number' : 'string')) {
      return `${view}: onMissing must give ${name} a ${kind}, got ${showValue(value)}`;
    }
  }
  const without = features.find(
    ({ name, nullable }) => held.includes(name) && !nullable && (values[name] ?? null) === null,
  );
  return without && `${view}: onMissing must give ${without.name} a value, which is not nullable`;
};

const viewFault = (view: View, definition: Parts): string | undefined => {
  const unknown = view.features.find((name) => !definition.features.some((feature) => feature.name === name));
  if (unknown !== undefined) return `${view.name}: ${showValue(unknown)} is not among the features`;
  if (view.features.length + view.attributes.length === 0) return `${view.name} must hold a feature or an attribute`;
  return missingFault(view, definition.features);
};

const repeated = (names: readonly string[]): string | undefined => names.find((name, i) => names.indexOf(name) !== i);

/** What is wrong with the parts of a definition together; undefined for nothing. */
export const onlineFault = (definition: Parts): string | undefined => {
  const { featureViews = [], data } = definition;
  const twice = repeated([
    ...featureViews.flatMap(({ features, attributes }) => [...features, ...attributes.map(({ name }) => name)]),
    ...(data.requestFeatures ?? []).map(({ name }) => name),
  ]);
  if (twice !== undefined) return `featureViews and data.requestFeatures must give ${twice} once`;
  const sameName = repeated(featureViews.map(({ name }) => name));
  if (sameName !== undefined) return `featureViews must not repeat the name ${sameName}`;
  const faults = featureViews.map((view) => viewFault(view, definition)).filter((fault) => fault !== undefined);
  if (faults[0] !== undefined) return `featureViews: ${faults[0]}`;
  return requestFeatureFault(definition);
};
