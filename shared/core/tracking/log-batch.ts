import { InvalidRequestError } from '../../kernel/errors.ts';
import type { MetricPoint } from './run.ts';
import { cutText } from './text-limits.ts';
import { validateKey } from './validate-key.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What one call logs to a run. */
export interface LogBatch {
  readonly metrics: readonly MetricPoint[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** A `runs/log-batch` body may have so many bytes. */
export const MAX_LOG_BATCH_BYTES = 1_000_000;

const MAX_METRICS = 1_000;
const MAX_PARAMS = 100;
const MAX_TAGS = 100;
const MAX_ENTRIES = 1_000;
const MAX_PARAM_LENGTH = 6_000;
const MAX_TAG_LENGTH = 8_000;

const finite = (value: number): number => {
  if (Number.isNaN(value)) return value;
  // Adding 0 makes 0 of −0: they are equal as values, and must be as entries of an index.
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE) + 0;
};

/**
 * A metric's point as it is stored: infinities become ±Number.MAX_VALUE.
 * @param path Where it stands in the request, such as `metrics[3].`.
 * @throws InvalidRequestError for a bad key, a timestamp below zero, a step that is no safe integer.
 */
export const prepareMetric = (point: MetricPoint, path = ''): MetricPoint => {
  validateKey(point.key, `${path}name`, 'Metric name');
  if (!Number.isSafeInteger(point.timestampMs) || point.timestampMs < 0) {
    throw new InvalidRequestError(
      `Invalid value ${point.timestampMs} for parameter '${path}timestamp' supplied: metric '${point.key}' (value=${point.value}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  }
  if (!Number.isSafeInteger(point.step)) {
    throw new InvalidRequestError(
      `Invalid value ${point.step} for parameter '${path}step' supplied: metric '${point.key}' (value=${point.value}). Step must be a valid long (64-bit integer).`,
    );
  }
  return { ...point, value: finite(point.value) };
};

/** A param as it is stored: a value beyond 6,000 characters is cut, as MLflow does. @throws InvalidRequestError for a bad key. */
export const prepareParam = ({ key, value }: KeyValue, path = ''): KeyValue => ({
  key: validateKey(key, `${path}key`, 'Param key'),
  value: cutText(value, MAX_PARAM_LENGTH),
});

/** A run's tag as it is stored: a value beyond 8,000 characters is cut, as MLflow does. @throws InvalidRequestError for a bad key. */
export const prepareTag = ({ key, value }: KeyValue, path = ''): KeyValue => ({
  key: validateKey(key, `${path}key`, `${path}key`),
  value: cutText(value, MAX_TAG_LENGTH),
});

const checkCount = (what: string, limit: number, count: number): void => {
  if (count <= limit) return;
  throw new InvalidRequestError(
    `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
  );
};

const checkParamKeys = (params: readonly KeyValue[]): void => {
  const keys = params.map(({ key }) => key);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (twice.length === 0) return;
  throw new InvalidRequestError(
    `Duplicate parameter keys have been submitted: [${twice.map((key) => `'${key}'`).join(', ')}]. Please ensure the request contains only one param value per param key.`,
  );
};

/**
 * Checks a batch once, before it is applied to a run (perhaps several times).
 * @throws InvalidRequestError for more than 1,000 metrics, 100 params, 100 tags or 1,000 in all, a param named twice, and
 * bad entries.
 */
export const prepareLogBatch = ({ metrics, params, tags }: LogBatch): LogBatch => {
  checkCount('metrics', MAX_METRICS, metrics.length);
  checkCount('params', MAX_PARAMS, params.length);
  checkCount('tags', MAX_TAGS, tags.length);
  checkCount('metrics, params, and tags', MAX_ENTRIES, metrics.length + params.length + tags.length);
  checkParamKeys(params);
  return {
    metrics: metrics.map((point, index) => prepareMetric(point, `metrics[${index}].`)),
    params: params.map((param, index) => prepareParam(param, `params[${index}].`)),
    tags: tags.map((tag, index) => prepareTag(tag, `tags[${index}].`)),
  };
};
