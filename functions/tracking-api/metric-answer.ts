import { ANSWER_LIMIT_BYTES, answerBytes, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { MetricPoint } from '../../shared/core/tracking/index.ts';
import { encodeMetric } from './encode-run.ts';
import type { MlflowAnswer } from './mlflow-route.ts';

/** Answers that list points of metrics. */

export const LARGEST_PAGE = 25_000;
/** That one call for charts may name. */
export const MOST_RUNS = 100;

/** How many points of a key fit into one answer, each as long as it can be. */
export const pointsThatFit = (key: string, runId?: string): number => {
  const longest = { key, value: -Number.MAX_VALUE, timestampMs: 1e15, step: -Number.MAX_SAFE_INTEGER };
  return Math.min(LARGEST_PAGE, Math.floor(ANSWER_LIMIT_BYTES / (answerBytes(encodeMetric(longest, runId)) + 1)));
};

export interface RunPoint {
  readonly runId: string;
  readonly point: MetricPoint;
}

export const encodeAll = (points: readonly RunPoint[]): MlflowAnswer =>
  listed(
    'metrics',
    points.map(({ runId, point }) => encodeMetric(point, runId)),
  );
