import { listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { MetricPoint } from '../../shared/core/tracking/index.ts';
import { InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { checkRunId, filledText, runIdOf } from './decode-tracking.ts';
import { encodeMetric } from './encode-run.ts';
import { decodeHistoryToken, encodeHistoryToken } from './history-token.ts';
import { knownRun } from './known-run.ts';
import { encodeAll, LARGEST_PAGE, MOST_RUNS, pointsThatFit, type RunPoint } from './metric-answer.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';
import { getHistoryBulkInterval } from './sampled-history.ts';

/** Metric histories: of one run, page by page, and of several runs at once for charts. */

const getHistory = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const runId = runIdOf(input);
  const key = input.requiredText('metric_key');
  const asked = input.integer('max_results') || LARGEST_PAGE;
  if (asked < 0) {
    throw new InvalidRequestError(
      `Invalid value ${asked} for parameter 'max_results' supplied. It must be a positive integer`,
    );
  }
  const token = filledText(input, 'page_token');
  const after = token === undefined ? undefined : decodeHistoryToken(token, { runId, key });
  const { points, hasMore } = await ports.tracking.metricHistory(
    runId,
    key,
    Math.min(asked, pointsThatFit(key)),
    after,
  );
  if (points.length === 0 && after === undefined) await knownRun(ports.tracking, runId);
  const last = points.at(-1);
  return {
    ...listed(
      'metrics',
      points.map((point) => encodeMetric(point)),
    ),
    ...(hasMore && last !== undefined ? { next_page_token: encodeHistoryToken(last, runId) } : {}),
  };
};

/** A run that is unknown has no points here: charts ask for runs that may have gone. */
const pointsOfAny = async (
  tracking: TrackingStore,
  { runId, key, limit }: { readonly runId: string; readonly key: string; readonly limit: number },
): Promise<readonly MetricPoint[]> => {
  try {
    return (await tracking.metricHistory(checkRunId(runId), key, limit)).points;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
};

/** Of several runs by (run id, timestamp, step, value), cut at `max_results` and at what fits into one answer. */
const getHistoryBulk = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const runIds = input.texts('run_id');
  if (runIds.length === 0) {
    throw new InvalidRequestError('GetMetricHistoryBulk request must specify at least one run_id.');
  }
  if (runIds.length > MOST_RUNS) {
    throw new InvalidRequestError(
      `GetMetricHistoryBulk request cannot specify more than ${MOST_RUNS} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
  const key = input.text('metric_key');
  if (key === undefined) throw new InvalidRequestError('GetMetricHistoryBulk request must specify a metric_key.');
  const longestId = runIds.reduce((longest, runId) => (runId.length > longest.length ? runId : longest), '');
  const limit = Math.min(input.integer('max_results') ?? LARGEST_PAGE, pointsThatFit(key, longestId));
  const found: RunPoint[] = [];
  for (const runId of [...new Set(runIds)].sort()) {
    if (found.length >= limit) break;
    const points = await pointsOfAny(ports.tracking, { runId, key, limit: limit - found.length });
    found.push(...points.map((point) => ({ runId, point })));
  }
  return { metrics: [], ...encodeAll(found) };
};

export const metricRoutes: readonly MlflowRoute[] = [
  { method: 'GET', path: '/2.0/mlflow/metrics/get-history', handle: getHistory },
  { method: 'GET', path: '/2.0/mlflow/metrics/get-history-bulk', handle: getHistoryBulk },
  { method: 'GET', path: '/2.0/mlflow/metrics/get-history-bulk-interval', handle: getHistoryBulkInterval },
];
