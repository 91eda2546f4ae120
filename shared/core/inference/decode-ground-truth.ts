import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { MINUTE_MS } from '../../kernel/time.ts';

/** Labels one request may bring. */
export const MAX_LABELS = 500;
const PREDICTION_ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,159}$/;

export interface GroundTruth {
  readonly predictionId: string;
  readonly label: number;
  /** When the truth became known; the time of receipt unless the caller says. */
  readonly knownAtMs: number;
  /** Of the declared names; absent without any. */
  readonly kpis?: Readonly<Record<string, number>>;
}

interface Limits {
  readonly task: 'binary-classification' | 'regression';
  readonly nowMs: number;
  /** Names of the numbers that may come with a label. @default none */
  readonly kpis?: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Calendar date, or date and time with its offset: what `Date.parse` reads alike everywhere. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** The caller's clock and ours differ: as much as a signature's time may be off is not the future. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

/** What reaches us is known by now, whatever the caller's clock says. */
const decodeKnownAt = (value: unknown, nowMs: number, where: string): number => {
  if (value === undefined) return nowMs;
  const atMs = typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(atMs) || atMs > nowMs + CLOCK_TOLERANCE_MS) {
    throw new InvalidRequestError(
      `${where}.knownAt must be an ISO 8601 time with its offset (2001-02-17T06:00:00Z) that is not in the future, got ${showValue(value)}`,
    );
  }
  return Math.min(atMs, nowMs);
};

const decodeKpis = (value: unknown, allowed: readonly string[], where: string): Readonly<Record<string, number>> => {
  const names = allowed.join(', ') || 'none, as the model declares no KPIs';
  if (!isObject(value))
    throw new InvalidRequestError(`${where}.kpis must be an object of numbers by name, got ${showValue(value)}`);
  const entries = Object.entries(value).map(([name, number]): [string, number] => {
    if (!allowed.includes(name))
      throw new InvalidRequestError(`${where}.kpis has the unknown name ${showValue(name)}; allowed: ${names}`);
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw new InvalidRequestError(`${where}.kpis.${name} must be a finite number, got ${showValue(number)}`);
    return [name, number];
  });
  return Object.fromEntries(entries);
};

const KEYS = ['predictionId', 'label', 'knownAt', 'kpis'];

const decodeLabel = (value: unknown, { task, nowMs, kpis: allowedKpis = [] }: Limits, where: string): GroundTruth => {
  if (!isObject(value))
    throw new InvalidRequestError(
      `${where} must be an object {predictionId, label, knownAt?, kpis?}, got ${showValue(value)}`,
    );
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    throw new InvalidRequestError(`${where} has the unknown key ${showValue(unknown)}; allowed: ${KEYS.join(', ')}`);
  const { predictionId, label, knownAt, kpis } = value;
  if (typeof predictionId !== 'string' || !PREDICTION_ID.test(predictionId)) {
    throw new InvalidRequestError(
      `${where}.predictionId must be the id of a prediction, got ${showValue(predictionId)}`,
    );
  }
  const allowed = task === 'regression' ? 'a finite number' : '0 or 1';
  const fits =
    typeof label === 'number' && (task === 'regression' ? Number.isFinite(label) : label === 0 || label === 1);
  if (!fits) throw new InvalidRequestError(`${where}.label must be ${allowed}, got ${showValue(label)}`);
  const known = { predictionId, label, knownAtMs: decodeKnownAt(knownAt, nowMs, where) };
  return kpis === undefined ? known : { ...known, kpis: decodeKpis(kpis, allowedKpis, where) };
};

/**
 * The body of `POST /models/{model}/ground-truth`: one label `{predictionId, label, knownAt?, kpis?}` or
 * `{labels: [label, …]}` with 1 to 500 of them. A label may come late and repeatedly: the newest `knownAt` wins.
 * @throws InvalidRequestError
 */
export const decodeGroundTruth = (body: unknown, limits: Limits): readonly GroundTruth[] => {
  if (!isObject(body))
    throw new InvalidRequestError(
      `the body must be a JSON object {predictionId, label} or {labels}, got ${showValue(body)}`,
    );
  if (!Object.hasOwn(body, 'labels')) return [decodeLabel(body, limits, 'body')];
  const { labels } = body;
  const extra = Object.keys(body).find((key) => key !== 'labels');
  if (extra !== undefined)
    throw new InvalidRequestError(`the body has the unknown key ${showValue(extra)} beside labels`);
  if (!Array.isArray(labels) || labels.length === 0 || labels.length > MAX_LABELS) {
    throw new InvalidRequestError(
      `labels must be a list of 1 to ${MAX_LABELS}, got ${Array.isArray(labels) ? labels.length : showValue(labels)}`,
    );
  }
  return labels.map((label, i) => decodeLabel(label, limits, `labels[${i}]`));
};
