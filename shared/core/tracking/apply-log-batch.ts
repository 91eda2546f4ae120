import { InvalidRequestError } from '../../kernel/errors.ts';
import { activeRun, type StoredRun } from './change-run.ts';
import type { KeyValue, LogBatch } from './log-batch.ts';
import type { MetricPoint, TextByKey } from './run.ts';
import { RUN_NAME_TAG } from './run-name.ts';

/** A run as it will be, and the points that its history gains. */
export interface LoggedRun {
  readonly run: StoredRun;
  readonly points: readonly MetricPoint[];
}

const own = <Value>(values: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined;

/** By (step, timestamp, value), NaN below every number. */
const isLater = (a: MetricPoint, b: MetricPoint): boolean => {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs;
  return Number.isNaN(b.value) ? !Number.isNaN(a.value) : a.value > b.value;
};

const withMetrics = (run: StoredRun, points: readonly MetricPoint[]): StoredRun['metrics'] => {
  const latest = new Map(Object.entries(run.metrics));
  for (const point of points) {
    const known = latest.get(point.key);
    if (known === undefined || isLater(point, known)) latest.set(point.key, point);
  }
  return Object.fromEntries(latest);
};

const quoted = (text: string): string => `'${text}'`;

const withParams = (run: StoredRun, params: readonly KeyValue[]): TextByKey => {
  const changed = params.flatMap(({ key, value }) => {
    const known = own(run.params, key);
    return known === undefined || known === value ? [] : [{ key, known, value }];
  });
  const [first] = changed;
  if (first !== undefined && params.length === 1) {
    throw new InvalidRequestError(
      `Changing param values is not allowed. Param with key=${quoted(first.key)} was already logged with value=${quoted(first.known)} for run ID=${quoted(run.info.runId)}. Attempted logging new value ${quoted(first.value)}.`,
    );
  }
  if (first !== undefined) {
    const listed = changed.map(
      ({ key, known, value }) =>
        `{'key': ${quoted(key)}, 'old_value': ${quoted(known)}, 'new_value': ${quoted(value)}}`,
    );
    throw new InvalidRequestError(
      `Changing param values is not allowed. Params were already logged='[${listed.join(', ')}]' for run ID=${quoted(run.info.runId)}.`,
    );
  }
  return Object.fromEntries([...Object.entries(run.params), ...params.map(({ key, value }) => [key, value] as const)]);
};

/** Of one key named twice the last wins; an empty run name changes nothing. */
const withTags = (run: StoredRun, tags: readonly KeyValue[]): Pick<StoredRun, 'tags' | 'info'> => {
  const kept = tags.filter(({ key, value }) => key !== RUN_NAME_TAG || value !== '');
  const all = Object.fromEntries([...Object.entries(run.tags), ...kept.map(({ key, value }) => [key, value] as const)]);
  const named = kept.findLast(({ key }) => key === RUN_NAME_TAG);
  return { tags: all, info: named === undefined ? run.info : { ...run.info, runName: named.value } };
};

const pointId = ({ key, value, timestampMs, step }: MetricPoint): string =>
  JSON.stringify([key, String(value), timestampMs, step]);

/**
 * Logs a prepared batch (`prepareLogBatch`): all of it or nothing. Logging the same again changes nothing.
 * @throws InvalidRequestError for a deleted run, and for a param that has another value already.
 */
export const applyLogBatch = (run: StoredRun, { metrics, params, tags }: LogBatch): LoggedRun => {
  activeRun(run);
  const points = [...new Map(metrics.map((point) => [pointId(point), point])).values()];
  return {
    run: {
      ...run,
      params: withParams(run, params),
      metrics: withMetrics(run, points),
      ...withTags(run, tags),
    },
    points,
  };
};
