import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/record-run/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryTrackingStore } from '../../../../shared/adapters/memory/tracking-store.ts';
import { deleteExperiment } from '../../../../shared/core/tracking/index.ts';
import { UnavailableError } from '../../../../shared/kernel/errors.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const CAUSE = { kind: 'schedule', scheduledAt: '2001-02-18T00:00:00Z' };
const RUN = { model: 'toy', runId: 'run-1' };
const EXECUTION_ARN = 'arn:aws:states:eu-central-1:1:execution:millrace-prod-train-toy:run-1';
const START = { ...RUN, executionArn: EXECUTION_ARN, cause: CAUSE, startedAtMs: 5 };
const LEARNT = { metrics: { holdoutLoss: 0.4 }, snapshotId: 'e'.repeat(64) };
/** The SHA-256 of `toy/run-1` begins so. */
const TRACKING_RUN_ID = 'e7505ebf010ee1c5';

const open = async () => {
  const { registry, catalog } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const artifacts = createMemoryArtifactStore();
  const tracking = createMemoryTrackingStore();
  const definitions = new Map([['toy', benchDefinition()]]);
  let nowMs = 9;
  const handler = createHandler({
    registry,
    events,
    artifacts,
    tracking,
    definitions,
    clock: { nowMs: () => nowMs++ },
  });
  for (const phase of ['candidate', 'refit']) {
    const metrics = { trainingLoss: phase === 'refit' ? 0.3 : 0.35 };
    await artifacts.put(
      `runs/toy/run-1/${phase}/model/metrics.json`,
      new TextEncoder().encode(JSON.stringify(metrics)),
    );
  }
  const runs = async () => (await registry.listRuns('toy', 10)).items;
  const tracked = async () => {
    const { experimentId = '' } = (await tracking.findExperiment('toy')) ?? {};
    const field = { kind: 'attribute', key: 'start_time' } as const;
    const { entries } = await tracking.index.walk({ experimentId, field, ascending: true, limit: 10 });
    return Promise.all(entries.map(({ runId }) => tracking.getRun(runId)));
  };
  return { handler, events, registry, catalog, runs, tracking, tracked };
};

describe('record-run', () => {
  it.each([
    ['refuse', { ...LEARNT, outcome: 'loss 0.9 > 0.4' }, { state: 'REFUSED', reason: 'loss 0.9 > 0.4' }],
    [
      'fail',
      { executionArn: EXECUTION_ARN, startedAtMs: 5, error: 'InvalidRequestError', errorCause: 'no input' },
      { state: 'REFUSED', reason: 'no input' },
    ],
    [
      'fail',
      { executionArn: EXECUTION_ARN, startedAtMs: 5, error: 'States.Timeout', errorCause: 'late' },
      { state: 'FAILED', reason: 'States.Timeout: late' },
    ],
  ])('notes on a client’s version how its packaging ends: %s', async (action, end, expected) => {
    const { catalog, handler, registry } = await open();
    const by = { principal: 'ann', atMs: 3 };
    await catalog.createModel({ model: 'toy', description: '', tags: {} }, by);
    await catalog.createVersion('toy', { source: 's3://b/k', description: '', tags: {} }, by);
    const cause = { kind: 'client-version', principal: 'ann', version: 1, registeredAtMs: 3 };

    await handler({ action: 'start', ...START, cause });
    const begun = await registry.getVersion('toy', 1);
    for (const _ of [1, 2]) await handler({ action, ...RUN, cause, ...end });

    expect(begun.packaging).toMatchObject({ state: 'PENDING', runId: 'run-1' });
    const { packaging, tags } = await registry.getVersion('toy', 1);
    expect(packaging).toMatchObject({ ...expected, runId: 'run-1' });
    expect(tags).toEqual({ 'millrace.packaging': expected.state });
  });

  it('records a run from start to end, each step twice without a difference', async () => {
    const { handler, runs } = await open();

    for (const _ of [1, 2]) await handler({ action: 'start', ...START });
    for (const _ of [1, 2]) await handler({ action: 'finish', ...RUN, ...LEARNT, outcome: 'passed', version: 3 });

    expect(await runs()).toMatchObject([{ ...START, status: 'FINISHED', outcome: 'passed', version: 3 }]);
  });

  it('finishes a refused run with the gate’s numbers and publishes them', async () => {
    const { handler, events, runs } = await open();
    await handler({ action: 'start', ...START });

    await handler({ action: 'refuse', ...RUN, ...LEARNT, cause: CAUSE, outcome: 'loss 0.9 > 0.4' });

    expect(await runs()).toMatchObject([{ status: 'FINISHED', outcome: 'loss 0.9 > 0.4' }]);
    expect(events.published).toEqual([
      { type: 'Training Refused', detail: { model: 'toy', cause: CAUSE, reason: 'loss 0.9 > 0.4' } },
    ]);
  });

  it('finishes a run that was not worth it without a version, and it has cost its estimate alone', async () => {
    const { handler, events, runs, tracked } = await open();
    await handler({ action: 'start', ...START });
    const [begun] = await runs();
    const leave = { action: 'leave', ...RUN, outcome: 'saves 0.001 $', costUsd: 0.002, snapshotId: LEARNT.snapshotId };

    for (const _ of [1, 2]) await handler(leave);

    expect(begun?.costUsd).toBeGreaterThan(0.002);
    const [run] = await runs();
    expect(run).toMatchObject({ status: 'FINISHED', outcome: 'saves 0.001 $', costUsd: 0.002 });
    expect(run).not.toHaveProperty('version');
    expect(await tracked()).toMatchObject([{ info: { status: 'FINISHED' } }]);
    expect(events.published).toEqual([]);
  });

  it('records a failure even if its start never was, with the message of the error', async () => {
    const { handler, runs, tracked } = await open();
    const errorCause = JSON.stringify({ errorType: 'InvalidRequestError', errorMessage: 'got 12 rows', trace: [] });

    await handler({ action: 'fail', ...START, error: 'InvalidRequestError', errorCause });

    expect(await runs()).toMatchObject([{ status: 'FAILED', outcome: 'InvalidRequestError: got 12 rows' }]);
    expect(await tracked()).toMatchObject([
      { info: { status: 'FAILED' }, tags: { 'mlflow.note.content': 'InvalidRequestError: got 12 rows' } },
    ]);
  });

  it('refuses a run id that could leave the run’s folder', async () => {
    const { handler } = await open();

    const start = handler({ action: 'start', ...START, runId: '../models' });

    await expect(start).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});

describe('the run that MLflow’s clients see', () => {
  it('begins in an experiment of the model’s name, with who, what and the trainer’s settings', async () => {
    const { handler, tracked } = await open();

    for (const _ of [1, 2]) await handler({ action: 'start', ...START });

    const [run, ...others] = await tracked();
    expect(others).toEqual([]);
    expect(run?.info).toMatchObject({
      runName: 'run-1',
      status: 'RUNNING',
      startTimeMs: 5,
      userId: 'workflow:train-toy',
    });
    expect(run?.info.runId).toMatch(/^[0-9a-f]{32}$/);
    expect(run?.info.runId.startsWith(TRACKING_RUN_ID)).toBe(true);
    expect(run?.tags).toMatchObject({
      'mlflow.source.type': 'JOB',
      'mlflow.source.name': 'millrace-prod-train-toy',
      'millrace.execution': EXECUTION_ARN,
      'millrace.cause': JSON.stringify(CAUSE),
    });
    expect(run?.params).toMatchObject({ featureCount: '2', 'trainer.kind': 'built-in', 'trainer.rounds': '60' });
  });

  it('ends with the evaluation’s and the trainer’s metrics, the snapshot and the version, each point once', async () => {
    const { handler, tracked, tracking } = await open();
    await handler({ action: 'start', ...START });

    for (const _ of [1, 2]) await handler({ action: 'finish', ...RUN, ...LEARNT, outcome: 'passed', version: 3 });

    const [run] = await tracked();
    expect(run?.info.status).toBe('FINISHED');
    expect(Object.fromEntries(Object.entries(run?.metrics ?? {}).map(([key, { value }]) => [key, value]))).toEqual({
      holdoutLoss: 0.4,
      'candidate/trainingLoss': 0.35,
      'refit/trainingLoss': 0.3,
    });
    expect(run?.params.snapshotId).toBe(LEARNT.snapshotId);
    expect(run?.tags).toMatchObject({ 'millrace.modelVersion': '3', 'mlflow.note.content': 'passed' });
    const { points } = await tracking.metricHistory(run?.info.runId ?? '', 'holdoutLoss', 10);
    expect(points).toHaveLength(1);
  });

  it('stops no training when somebody deleted the experiment', async () => {
    const { handler, runs, tracking } = await open();
    await handler({ action: 'start', ...START, runId: 'run-0' });
    const { experimentId = '' } = (await tracking.findExperiment('toy')) ?? {};
    await tracking.changeExperiment(experimentId, (experiment) => deleteExperiment(experiment, 1));

    await handler({ action: 'start', ...START });
    await handler({ action: 'finish', ...RUN, ...LEARNT, outcome: 'passed', version: 3 });

    expect((await runs()).find(({ runId }) => runId === 'run-1')).toMatchObject({ status: 'FINISHED' });
  });

  it('is tried again by the workflow when the store is not to be had', async () => {
    const { handler, tracking } = await open();
    tracking.findExperiment = () => Promise.reject(new UnavailableError('throttled'));

    await expect(handler({ action: 'start', ...START })).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  it('has no metrics of the gate when the execution began under an earlier release', async () => {
    const { handler, tracked } = await open();
    await handler({ action: 'start', ...START });

    await handler({ action: 'finish', ...RUN, outcome: 'passed', version: 3 });

    const [run] = await tracked();
    expect(Object.keys(run?.metrics ?? {})).toEqual(['candidate/trainingLoss', 'refit/trainingLoss']);
  });
});
