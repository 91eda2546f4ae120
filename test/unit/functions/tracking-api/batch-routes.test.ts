import { describe, expect, it } from 'vitest';
import type { LoggedModel } from '../../../../shared/core/tracking/index.ts';
import { callTracking, memoryPorts } from '../../../helpers/tracking-routes.ts';

const MODEL_ID = `m-${'1'.repeat(32)}`;
const MODEL: LoggedModel = {
  modelId: MODEL_ID,
  experimentId: '0',
  name: 'net',
  createdAtMs: 1,
  updatedAtMs: 1,
  artifactUri: 'mlflow-artifacts:/0/models/m/artifacts',
  status: 'LOGGED_MODEL_READY',
  lifecycleStage: 'active',
  params: {},
  tags: {},
  metrics: [],
  registrations: [],
};

const open = async () => {
  const ports = memoryPorts();
  await ports.loggedModels.create(MODEL);
  const call = callTracking(ports);
  const { body } = await call('POST', '2.0/mlflow/runs/create', {});
  const runId: string = body.run.info.run_id;
  const metricsOfRun = async () => (await ports.tracking.getRun(runId)).metrics;
  const metricsOfModel = async () => (await ports.loggedModels.get(MODEL_ID)).metrics;
  return { call, runId, metricsOfRun, metricsOfModel };
};

describe('metrics of logged models', () => {
  it('belong to the run and to the model, once however often they are sent', async () => {
    const { call, runId, metricsOfRun, metricsOfModel } = await open();
    const metric = { key: 'm', value: 0.5, timestamp: 123, step: 1, dataset_name: 'd', dataset_digest: 'x' };

    for (const _ of [1, 2]) {
      const message = { run_id: runId, ...metric, model_id: MODEL_ID };
      expect(await call('POST', '2.0/mlflow/runs/log-metric', message)).toEqual({ status: 200, body: {} });
    }

    expect(await metricsOfRun()).toMatchObject({ m: { value: 0.5, timestampMs: 123, step: 1 } });
    expect(await metricsOfModel()).toEqual([
      { key: 'm', value: 0.5, timestampMs: 123, step: 1, datasetName: 'd', datasetDigest: 'x', runId },
    ]);
  });

  it('reach the model from a batch, the others do not', async () => {
    const { call, runId, metricsOfRun, metricsOfModel } = await open();
    const metrics = [
      { key: 'own', value: 1, timestamp: 1 },
      { key: 'shared', value: 2, timestamp: 1, model_id: MODEL_ID },
    ];

    await call('POST', '2.0/mlflow/runs/log-batch', { run_id: runId, metrics });

    expect(Object.keys(await metricsOfRun())).toEqual(['own', 'shared']);
    expect(await metricsOfModel()).toMatchObject([{ key: 'shared', value: 2 }]);
  });

  it('are stored nowhere for a model that does not exist', async () => {
    const { call, runId, metricsOfRun } = await open();

    const answer = await call('POST', '2.0/mlflow/runs/log-metric', {
      run_id: runId,
      key: 'm',
      value: 1,
      timestamp: 1,
      model_id: `m-${'2'.repeat(32)}`,
    });

    expect(answer).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    expect(await metricsOfRun()).toEqual({});
  });

  it('do not reach the model where the run refuses the batch', async () => {
    const { call, runId, metricsOfModel } = await open();
    await call('POST', '2.0/mlflow/runs/log-parameter', { run_id: runId, key: 'p', value: '1' });

    const answer = await call('POST', '2.0/mlflow/runs/log-batch', {
      run_id: runId,
      metrics: [{ key: 'm', value: 2, timestamp: 1, model_id: MODEL_ID }],
      params: [{ key: 'p', value: '2' }],
    });

    expect(answer.status).toBe(400);
    expect(await metricsOfModel()).toEqual([]);
  });
});
