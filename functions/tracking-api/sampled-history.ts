import type { Fields } from '../../shared/contracts/http/mlflow/fields.ts';
import { type MetricPoint, sampleSteps } from '../../shared/core/tracking/index.ts';
import { InvalidRequestError, PayloadTooLargeError } from '../../shared/kernel/errors.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { checkRunId } from './decode-tracking.ts';
import { knownRun } from './known-run.ts';
import { encodeAll, LARGEST_PAGE, MOST_RUNS, pointsThatFit, type RunPoint } from './metric-answer.ts';
import type { MlflowAnswer, MlflowCall } from './mlflow-route.ts';

/** Histories of several runs, sampled by step for charts. */

const MOST_STEPS = 2_500;
/** Together, of all runs of one call: what fits into the function's memory and time. */
const MOST_POINTS_READ = 500_000;

const wholeHistory = async (
  tracking: TrackingStore,
  { runId, key, most }: { readonly runId: string; readonly key: string; readonly most: number },
): Promise<readonly MetricPoint[]> => {
  const points: MetricPoint[] = [];
  for (;;) {
    const page = await tracking.metricHistory(runId, key, LARGEST_PAGE, points.at(-1));
    for (const point of page.points) points.push(point);
    if (points.length > most) {
      throw new PayloadTooLargeError(
        `the histories of metric ${JSON.stringify(key)} in these runs hold more than ${MOST_POINTS_READ} points: ask for fewer runs`,
      );
    }
    if (!page.hasMore) break;
  }
  if (points.length === 0) await knownRun(tracking, runId);
  return points;
};

const rangeOf = (input: Fields): { readonly start: number; readonly end: number } | undefined => {
  const start = input.integer('start_step');
  const end = input.integer('end_step');
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined) {
    throw new InvalidRequestError('If either start step or end step are specified, both must be specified.');
  }
  if (start > end) {
    throw new InvalidRequestError(
      `end_step must be greater than start_step. Found start_step=${start} and end_step=${end}.`,
    );
  }
  return { start, end };
};

const intervalRequest = (input: Fields) => {
  const runIds = input.texts('run_ids');
  const suffix = 'See the API docs for more information about request parameters.';
  if (runIds.length === 0) throw new InvalidRequestError(`Missing value for required parameter 'run_ids'. ${suffix}`);
  if (runIds.length > MOST_RUNS) {
    throw new InvalidRequestError(
      `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. Received ${runIds.length} run_ids. ${suffix}`,
    );
  }
  const key = input.requiredText('metric_key');
  const maxSteps = input.integer('max_results') ?? MOST_STEPS;
  if (maxSteps < 1 || maxSteps > MOST_STEPS) {
    throw new InvalidRequestError(`max_results must be between 1 and ${MOST_STEPS}. ${suffix}`);
  }
  const range = rangeOf(input);
  return { runIds: runIds.map(checkRunId), key, maxSteps, ...(range === undefined ? {} : { range }) };
};

const byStep = (a: MetricPoint, b: MetricPoint): number => a.step - b.step || a.timestampMs - b.timestampMs;

/** The points of the chosen steps: all runs' by the order asked, each run's by step. */
const pointsAt = (
  histories: readonly { readonly runId: string; readonly points: readonly MetricPoint[] }[],
  steps: readonly number[],
): readonly RunPoint[] => {
  const chosen = new Set(steps);
  return histories.flatMap(({ runId, points }) =>
    points
      .filter(({ step }) => chosen.has(step))
      .sort(byStep)
      .map((point) => ({ runId, point })),
  );
};

/** Sampled for charts: where the asked number of steps does not fit into one answer, fewer are taken. */
export const getHistoryBulkInterval = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const { runIds, key, maxSteps, ...range } = intervalRequest(input);
  const histories: { readonly runId: string; readonly points: readonly MetricPoint[] }[] = [];
  let readCount = 0;
  for (const runId of runIds) {
    const points = await wholeHistory(ports.tracking, { runId, key, most: MOST_POINTS_READ - readCount });
    readCount += points.length;
    histories.push({ runId, points });
  }
  const runs = histories.map(({ points }) => points.map(({ step }) => step));
  const longestId = runIds.reduce((longest, runId) => (runId.length > longest.length ? runId : longest), '');
  const limit = pointsThatFit(key, longestId);
  let count = maxSteps;
  let points = pointsAt(histories, sampleSteps({ runs, maxSteps: count, ...range }));
  while (points.length > limit && count > 1) {
    count = Math.max(1, Math.floor(count * Math.min(0.75, limit / points.length)));
    points = pointsAt(histories, sampleSteps({ runs, maxSteps: count, ...range }));
  }
  return encodeAll(points.slice(0, limit));
};
