import {
  createRun,
  deleteRunTag,
  type LogBatch,
  prepareMetric,
  prepareParam,
  prepareTag,
  type StoredRun,
  setRunLifecycle,
  updateRun,
} from '../../shared/core/tracking/index.ts';
import {
  checkExperimentId,
  decodeKeyValue,
  decodeMetric,
  filledText,
  runIdOf,
  runStatusOf,
} from './decode-tracking.ts';
import { encodeRun, encodeRunInfo } from './encode-run.ts';
import { logBatch } from './log-batch.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';

/** Runs: creating, reading and changing one, and logging one thing to it. */

const DEFAULT_EXPERIMENT_ID = '0';

const create = async ({ input, ports, nowMs, newId, principal }: MlflowCall): Promise<MlflowAnswer> => {
  const experimentId = checkExperimentId(filledText(input, 'experiment_id') ?? DEFAULT_EXPERIMENT_ID);
  const startTimeMs = input.integer('start_time') ?? nowMs;
  const runName = filledText(input, 'run_name');
  const tags = input.objects('tags').map(decodeKeyValue);
  const run = createRun({
    runId: newId(),
    experiment: await ports.tracking.experimentForRun(experimentId),
    userId: input.text('user_id') ?? principal,
    startTimeMs,
    ...(runName === undefined ? {} : { runName }),
    tags,
  });
  await ports.tracking.createRun(run);
  return { run: encodeRun(run) };
};

const get = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => ({
  run: encodeRun(await ports.tracking.getRun(runIdOf(input))),
});

const update = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const status = runStatusOf(input);
  const endTimeMs = input.integer('end_time');
  const runName = filledText(input, 'run_name');
  const { info } = await ports.tracking.changeRun(runIdOf(input), (run) => ({
    run: updateRun(run, {
      ...(status === undefined ? {} : { status }),
      ...(endTimeMs === undefined ? {} : { endTimeMs }),
      ...(runName === undefined ? {} : { runName }),
    }),
  }));
  return { run_info: encodeRunInfo(info) };
};

/** A route that changes the run and answers nothing. */
const changing =
  (changeOf: (call: MlflowCall) => (run: StoredRun) => StoredRun) =>
  async (call: MlflowCall): Promise<MlflowAnswer> => {
    const runId = runIdOf(call.input);
    const change = changeOf(call);
    await call.ports.tracking.changeRun(runId, (run) => ({ run: change(run) }));
    return {};
  };

/** A route that logs one entry. */
const logging =
  (batchOf: (call: MlflowCall) => Partial<LogBatch>) =>
  async (call: MlflowCall): Promise<MlflowAnswer> => {
    const runId = runIdOf(call.input);
    await logBatch(call.ports, runId, { metrics: [], params: [], tags: [], ...batchOf(call) });
    return {};
  };

const RUNS = '/2.0/mlflow/runs';

export const runRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: `${RUNS}/create`, handle: create },
  { method: 'GET', path: `${RUNS}/get`, handle: get },
  { method: 'POST', path: `${RUNS}/update`, handle: update },
  { method: 'POST', path: `${RUNS}/delete`, handle: changing(() => (run) => setRunLifecycle(run, 'deleted')) },
  { method: 'POST', path: `${RUNS}/restore`, handle: changing(() => (run) => setRunLifecycle(run, 'active')) },
  {
    method: 'POST',
    path: `${RUNS}/log-metric`,
    handle: logging(({ input }) => ({ metrics: [prepareMetric(decodeMetric(input))] })),
  },
  {
    method: 'POST',
    path: `${RUNS}/log-parameter`,
    handle: logging(({ input }) => ({ params: [prepareParam(decodeKeyValue(input))] })),
  },
  {
    method: 'POST',
    path: `${RUNS}/set-tag`,
    handle: logging(({ input }) => ({ tags: [prepareTag(decodeKeyValue(input))] })),
  },
  {
    method: 'POST',
    path: `${RUNS}/delete-tag`,
    handle: changing(({ input }) => {
      const key = input.requiredText('key');
      return (run) => deleteRunTag(run, key);
    }),
  },
];
