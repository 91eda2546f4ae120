import { InvalidRequestError } from '../../../kernel/errors.ts';
import { showValue } from '../../../kernel/show-value.ts';
import type { RequestValue } from './expression.ts';
import type { OnlinePlan, OnlineValue } from './online-plan.ts';

/**
 * Predicting by entity: in the place of its features a row names entities and brings what request features need.
 * `{"entities": {"origin": "ORD", "destination": "LAX"}, "values": {"departure_at": "2001-02-18T14:00:00Z"}}`, alone or
 * among `instances`; `features` may stand beside: one that is given wins over the stored one.
 */

type JsonObject = Readonly<Record<string, unknown>>;

/** A row as it was asked for, its parts not checked yet. */
export interface AskedRow {
  readonly features: JsonObject;
  readonly entities?: JsonObject;
  readonly values?: JsonObject;
}

export interface EntityRow {
  /** How messages name its place. */
  readonly where: string;
  /** Join key column → value. */
  readonly entities: Readonly<Record<string, string>>;
  /** Request value → value, timestamps as epoch ms. */
  readonly values: ReadonlyMap<string, OnlineValue>;
  /** As they came: whoever scores them checks them against the model. */
  readonly features: JsonObject;
}

/** Four of them fit into a key of DynamoDB, whatever they are written in. */
const MAX_KEY_LENGTH = 128;
/** What a Date can hold. */
const MAX_TIME_MS = 8.64e15;

const refuseUnknown = (value: object, allowed: readonly string[], where: string): void => {
  const unknown = Object.keys(value).find((key) => !allowed.includes(key));
  if (unknown === undefined) return;
  throw new InvalidRequestError(
    `${where} has the unknown key ${showValue(unknown)}; allowed: ${allowed.join(', ') || 'none'}`,
  );
};

const decodeEntities = ({ views }: OnlinePlan, entities: JsonObject, where: string): EntityRow['entities'] => {
  refuseUnknown(entities, [...new Set(views.flatMap(({ entity }) => entity))], where);
  for (const [name, value] of Object.entries(entities)) {
    const isKey = typeof value === 'string' && value.length >= 1 && value.length <= MAX_KEY_LENGTH;
    if (!isKey || !value.isWellFormed()) {
      throw new InvalidRequestError(
        `${where}.${name} must be text of 1 to ${MAX_KEY_LENGTH} characters, got ${showValue(value)}`,
      );
    }
  }
  return entities as EntityRow['entities'];
};

/** ISO 8601 with a date, a time and a zone: without one it would be another instant on another machine. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** A month has no 31st for being asked: JavaScript would count on into the next. */
const isDay = (iso: string): boolean =>
  new Date(`${iso.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(iso.slice(8, 10));

const decodeTimestamp = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) <= MAX_TIME_MS ? value : undefined;
  const atMs = typeof value === 'string' && ISO_TIME.test(value) && isDay(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
};

const ALLOWED: Readonly<Record<RequestValue['type'], string>> = {
  number: 'a finite number or null',
  category: 'text of at most 4096 characters or null',
  timestamp: 'a time as ISO 8601 with a zone, such as 2001-02-18T14:00:00Z, or whole epoch ms',
};

const decodeValue = ({ name, type }: RequestValue, value: unknown, where: string): OnlineValue => {
  if (value === null && type !== 'timestamp') return null;
  const time = type === 'timestamp' ? decodeTimestamp(value) : undefined;
  if (time !== undefined) return time;
  if (type === 'number' && typeof value === 'number' && Number.isFinite(value)) return value;
  if (type === 'category' && typeof value === 'string' && value.length <= 4_096 && value.isWellFormed()) return value;
  throw new InvalidRequestError(`${where}.${name} must be ${ALLOWED[type]}, got ${showValue(value)}`);
};

const decodeValues = ({ requestValues }: OnlinePlan, values: JsonObject, where: string): EntityRow['values'] => {
  refuseUnknown(
    values,
    requestValues.map(({ name }) => name),
    where,
  );
  const brought = requestValues.filter(({ name }) => Object.hasOwn(values, name));
  return new Map(brought.map((value) => [value.name, decodeValue(value, values[value.name], where)]));
};

/**
 * A row with its entities and values checked against the plan.
 * @throws InvalidRequestError that names the place, what came and what is allowed.
 */
export const decodeEntityRow = (
  plan: OnlinePlan,
  { features, entities = {}, values = {} }: AskedRow,
  where: string,
): EntityRow => ({
  where,
  entities: decodeEntities(plan, entities, `${where}.entities`),
  values: decodeValues(plan, values, `${where}.values`),
  features,
});
