import { InvalidRequestError, UnavailableError } from '../../../kernel/errors.ts';
import { isoTime } from '../../../kernel/time.ts';
import type { EntityRow } from './decode-entity-row.ts';
import { evaluateExpression } from './evaluate-expression.ts';
import { namesIn } from './expression.ts';
import { readingOf, type ViewReading } from './feature-status.ts';
import {
  type EntityKey,
  type EntityValues,
  entityText,
  heldBy,
  type OnlinePlan,
  type OnlineValue,
  type OnlineView,
} from './online-plan.ts';

/** Where the features of a row came from: captured with the prediction, so that it can be explained and audited. */
export type FeatureSources = {
  readonly entities: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, OnlineValue>>;
  /** By view: how its entity was found, and as of when its values were. */
  readonly views: Readonly<
    Record<string, { readonly status: ViewReading['status']; readonly eventAtMs?: number | undefined }>
  >;
  /** Features that the caller gave beside. */
  readonly given: readonly string[];
};

export interface CompletedEntityRow {
  readonly features: Readonly<Record<string, unknown>>;
  readonly sources: FeatureSources;
}

const isGiven = ({ features }: EntityRow, name: string): boolean => Object.hasOwn(features, name);

/** The views that a row is completed from: one whose features are all given is not read. */
const viewsFor = ({ views, requestFeatures }: OnlinePlan, row: EntityRow): readonly OnlineView[] => {
  const used = new Set(
    requestFeatures.filter(({ name }) => !isGiven(row, name)).flatMap(({ expression }) => namesIn(expression)),
  );
  return views.filter((view) =>
    heldBy(view).some((name) => used.has(name) || (view.features.includes(name) && !isGiven(row, name))),
  );
};

const entityKey = ({ name, entity }: OnlineView, { entities, where }: EntityRow): EntityKey => {
  const missing = entity.filter((part) => entities[part] === undefined);
  if (missing.length === 0) return { view: name, entity: entity.map((part) => entities[part] ?? '') };
  throw new InvalidRequestError(`${where}.entities lacks ${missing.join(', ')}, the key of view ${name}`);
};

/**
 * Everything to read for these rows, each entity once.
 * @throws InvalidRequestError for a row that lacks a key.
 */
export const entityKeysOf = (plan: OnlinePlan, rows: readonly EntityRow[]): readonly EntityKey[] => {
  const keys = rows.flatMap((row) => viewsFor(plan, row).map((view) => entityKey(view, row)));
  return [...new Map(keys.map((key) => [entityText(key), key])).values()];
};

/** The view's policy for an entity that has no values, or none that are fresh. */
const valuesOf = (view: OnlineView, reading: ViewReading, row: EntityRow): ReadonlyMap<string, OnlineValue> => {
  if (reading.status === 'PRESENT') return reading.values;
  const { onMissing } = view;
  if (onMissing === 'refuse') {
    const entity = view.entity.map((part) => `${part} ${JSON.stringify(row.entities[part])}`).join(', ');
    if (reading.status === 'NOT_FOUND') {
      throw new InvalidRequestError(`${row.where}.entities: view ${view.name} knows no ${entity}`);
    }
    throw new UnavailableError(
      `${row.where}.entities: view ${view.name} has ${entity} as of ${isoTime(reading.eventAtMs ?? 0)}, ` +
        `which is older than ${view.ttlMinutes} minutes`,
    );
  }
  const values: Readonly<Record<string, OnlineValue>> = onMissing === 'null' ? {} : onMissing;
  return new Map(heldBy(view).map((name) => [name, values[name] ?? null]));
};

const requestFeaturesOf = (
  { requestFeatures, requestValues }: OnlinePlan,
  row: EntityRow,
  held: ReadonlyMap<string, OnlineValue>,
): readonly (readonly [string, OnlineValue])[] => {
  const wanted = requestFeatures.filter(({ name }) => !isGiven(row, name));
  const used = new Set(wanted.flatMap(({ expression }) => namesIn(expression)));
  const lacking = requestValues.filter(({ name }) => used.has(name) && !row.values.has(name));
  if (lacking.length > 0) {
    throw new InvalidRequestError(`${row.where}.values lacks ${lacking.map(({ name }) => name).join(', ')}`);
  }
  const values = new Map([...held, ...row.values]);
  return wanted.map(({ name, expression }) => [name, evaluateExpression(expression, values)]);
};

/**
 * A row with its features: those that the caller gave, what the views hold, and the request features of both.
 * @throws InvalidRequestError for an entity that is unknown, where its view refuses it, or for a value that is missing;
 *   UnavailableError for values that are too old, where their view refuses them.
 */
export const completeRow = (
  plan: OnlinePlan,
  row: EntityRow,
  found: ReadonlyMap<string, EntityValues>,
  nowMs: number,
): CompletedEntityRow => {
  const readings = viewsFor(plan, row).map((view) => {
    const reading = readingOf(view, found.get(entityText(entityKey(view, row))), nowMs);
    return { view, reading, values: valuesOf(view, reading, row) };
  });
  const held = new Map(readings.flatMap(({ values }) => [...values]));
  const stored = readings.flatMap(({ view }) => view.features.map((name) => [name, held.get(name) ?? null] as const));
  const features = { ...Object.fromEntries([...stored, ...requestFeaturesOf(plan, row, held)]), ...row.features };
  const views = readings.map(({ view, reading: { status, eventAtMs } }) => [
    view.name,
    { status, ...(eventAtMs === undefined ? {} : { eventAtMs }) },
  ]);
  return {
    features,
    sources: {
      entities: row.entities,
      values: Object.fromEntries(row.values),
      views: Object.fromEntries(views),
      given: Object.keys(row.features),
    },
  };
};
