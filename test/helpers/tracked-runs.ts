import type { Experiment, MetricPoint, Run } from '../../shared/core/tracking/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { RunChange, TrackingStore } from '../../shared/ports/tracking-store.ts';

/** Runs and changes of them, as the tracking API makes them. */

type ChangedRun = Omit<Run, 'datasetInputs'>;
type ChangeOfRun = (run: ChangedRun) => RunChange;

export const anExperiment = (experimentId: string, more: Partial<Experiment> = {}): Experiment => ({
  experimentId,
  name: `experiment ${experimentId}`,
  artifactLocation: `mlflow-artifacts:/${experimentId}`,
  lifecycleStage: 'active',
  createdAtMs: 1_000,
  updatedAtMs: 1_000,
  tags: {},
  ...more,
});

export const aRun = (
  runId: string,
  { info, ...more }: Partial<Omit<Run, 'info'>> & { readonly info?: Partial<Run['info']> } = {},
): Run => ({
  info: {
    runId,
    experimentId: '0',
    runName: `name of ${runId}`,
    userId: 'ann',
    status: 'RUNNING',
    startTimeMs: 5_000,
    lifecycleStage: 'active',
    artifactUri: `mlflow-artifacts:/0/${runId}/artifacts`,
    ...info,
  },
  params: {},
  tags: { 'mlflow.runName': `name of ${runId}` },
  metrics: {},
  datasetInputs: [],
  modelInputs: [],
  modelOutputs: [],
  ...more,
});

export const point = (key: string, value: number, timestampMs = 1_000, step = 0): MetricPoint => ({
  key,
  value,
  timestampMs,
  step,
});

const rank = ({ step, timestampMs, value }: MetricPoint) =>
  [step, timestampMs, Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value] as const;
const isLater = (a: MetricPoint, b: MetricPoint): boolean => {
  const [x, y] = [rank(a), rank(b)];
  const different = x.findIndex((part, i) => part !== y[i]);
  return different !== -1 && (x[different] ?? 0) > (y[different] ?? 0);
};

const requireActive = ({ info }: ChangedRun): void => {
  if (info.lifecycleStage !== 'active') throw new InvalidRequestError(`run ${info.runId} is deleted`);
};

/** What log-batch does. */
export const logging =
  ({
    metrics = [],
    params = {},
    tags = {},
  }: {
    readonly metrics?: readonly MetricPoint[];
    readonly params?: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string>>;
  }): ChangeOfRun =>
  (run) => {
    requireActive(run);
    for (const [key, value] of Object.entries(params)) {
      const standing = run.params[key];
      if (standing !== undefined && standing !== value) throw new InvalidRequestError(`param ${key} is ${standing}`);
    }
    const latest = new Map(Object.entries(run.metrics));
    for (const one of metrics) {
      const standing = latest.get(one.key);
      if (standing === undefined || isLater(one, standing)) latest.set(one.key, one);
    }
    return {
      run: {
        ...run,
        params: { ...run.params, ...params },
        tags: { ...run.tags, ...tags },
        metrics: Object.fromEntries(latest),
      },
      points: metrics,
    };
  };

export const logMetrics = (store: TrackingStore, runId: string, metrics: readonly MetricPoint[]) =>
  store.changeRun(runId, logging({ metrics }), { metricsOnly: true });

export const ending =
  (status: Run['info']['status'] = 'FINISHED'): ChangeOfRun =>
  (run) => ({ run: { ...run, info: { ...run.info, status } } });

export const stageOf =
  (lifecycleStage: Run['info']['lifecycleStage']): ChangeOfRun =>
  (run) => ({ run: { ...run, info: { ...run.info, lifecycleStage } } });

/** Of all pages. */
export const wholeHistory = async (store: TrackingStore, runId: string, key: string, limit = 1_000) => {
  const points: MetricPoint[] = [];
  for (;;) {
    const page = await store.metricHistory(runId, key, limit, points.at(-1));
    points.push(...page.points);
    if (!page.hasMore) return points;
  }
};

type WalkRequest = Parameters<TrackingStore['index']['walk']>[0];

/** Of all pages. */
export const wholeWalk = async (store: TrackingStore, request: Omit<WalkRequest, 'limit'>, limit = 1_000) => {
  const entries: Awaited<ReturnType<TrackingStore['index']['walk']>>['entries'][number][] = [];
  for (;;) {
    const after = entries.at(-1);
    const page = await store.index.walk({ ...request, limit, ...(after && { after }) });
    entries.push(...page.entries);
    if (!page.hasMore) return entries;
  }
};
