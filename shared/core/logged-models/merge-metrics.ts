import type { LoggedModel, LoggedModelMetric, MetricPoint } from '../tracking/index.ts';

const seriesOf = ({ key, runId, datasetName, datasetDigest }: LoggedModelMetric): string =>
  JSON.stringify([key, runId, datasetName, datasetDigest]);

const finite = (value: number): number =>
  Number.isNaN(value) ? value : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/** By (timestamp, step, value), NaN below every number: the order in which MLflow takes a model's metrics. */
const isNewer = (a: LoggedModelMetric, b: LoggedModelMetric): boolean => {
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs;
  if (a.step !== b.step) return a.step > b.step;
  return Number.isNaN(b.value) ? !Number.isNaN(a.value) : a.value > b.value;
};

/**
 * The model with a run's points, of each series (key, run, dataset) the newest only. The whole history is the run's:
 * a training loop that logs a million steps must not make the model's document grow. The same model comes back when no
 * point is newer.
 */
export const withMetrics = (model: LoggedModel, points: readonly MetricPoint[], runId: string): LoggedModel => {
  const newest = new Map(model.metrics.map((metric) => [seriesOf(metric), metric]));
  let changed = false;
  for (const { modelId, ...point } of points) {
    if (modelId !== model.modelId) continue;
    const metric = { ...point, value: finite(point.value), runId };
    const former = newest.get(seriesOf(metric));
    if (former !== undefined && !isNewer(metric, former)) continue;
    newest.set(seriesOf(metric), metric);
    changed = true;
  }
  return changed ? { ...model, metrics: [...newest.values()] } : model;
};

/** Of the points that `accepts` takes the newest. */
export const newestMetric = (
  model: LoggedModel,
  accepts: (metric: LoggedModelMetric) => boolean,
): LoggedModelMetric | undefined =>
  model.metrics
    .filter(accepts)
    .reduce<LoggedModelMetric | undefined>(
      (newest, metric) => (newest === undefined || isNewer(metric, newest) ? metric : newest),
      undefined,
    );
