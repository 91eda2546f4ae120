import { Buffer } from 'node:buffer';
import { MODEL_FILE } from '../../../../shared/contracts/artifacts.ts';
import { newTrackingToken } from '../../../../shared/core/tracking-access/index.ts';
import { MINUTE_MS } from '../../../../shared/kernel/time.ts';
import { openTrackingTokens } from '../../../commands/open-tracking-tokens.ts';
import type { Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';
import { playClientModel } from './client-model-scene.ts';
import { refuseRun } from './refused-runs.ts';
import { createTrackingCaller, type TrackingCaller } from './tracking-caller.ts';

/** An MLflow client's afternoon: everything that the tracking API reads, writes and deletes, in each kind of place. */

const API = '/api/2.0/mlflow';
const ARTIFACTS = '/api/2.0/mlflow-artifacts';
/** API Gateway keeps what the authoriser said five minutes. */
const AUTHORIZER_CACHE_MS = 5 * MINUTE_MS;

/** More of a run than one transaction takes: its index is written in batches. */
const MANY = 90;
/** A run that few metrics are logged to at a time is indexed as it goes. */
const FEW = 30;
/** Runs of an experiment whose index waits at once. */
const MOST_WAITING = 32;

const metricsOf = (from: number, to: number, value: number, timestamp: number): object[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: `m${from + i}`, value, timestamp, step: 0 }));

/** Logs metrics few at a time, then all of them anew: the run is written so often that its index waits. */
const logMuch = async ({ call }: TrackingCaller, run_id: string, nowMs: number): Promise<void> => {
  const logBatch = (metrics: object[]) =>
    call('POST', `${API}/runs/log-batch`, { json: { run_id, metrics, params: [{ key: 'p', value: '1' }] } });
  for (let from = 0; from < MANY; from += FEW) await logBatch(metricsOf(from, from + FEW, 1, nowMs));
  await logBatch(metricsOf(0, MANY, 2, nowMs + 1));
};

/** More runs than wait at once in one experiment: that of a client is then brought up to date by a pipeline's. */
const crowdOut = async (scene: Scene, caller: TrackingCaller, nowMs: number): Promise<void> => {
  const experiment = await caller.call('POST', `${API}/experiments/create`, { json: { name: 'weir' } });
  const experiment_id = experiment.textAt('experiment_id');
  const created = await caller.call('POST', `${API}/runs/create`, { json: { experiment_id, start_time: nowMs } });
  await logMuch(caller, created.textAt('run', 'info', 'run_id'), nowMs);
  for (let i = 0; i <= MOST_WAITING; i += 1) await refuseRun(scene, `drill-${i}`, MANY);
};

/** @returns the run's artifact URI. */
const trackRun = async (caller: TrackingCaller, nowMs: number): Promise<string> => {
  const { call } = caller;
  const experiment = await call('POST', `${API}/experiments/create`, { json: { name: 'drill' } });
  const experiment_id = experiment.textAt('experiment_id');
  await call('POST', `${API}/experiments/update`, { json: { experiment_id, new_name: 'the drill' } });
  await call('POST', `${API}/experiments/search`, { json: { max_results: 10 } });
  const created = await call('POST', `${API}/runs/create`, { json: { experiment_id, start_time: nowMs } });
  const run_id = created.textAt('run', 'info', 'run_id');
  const artifact_uri = created.textAt('run', 'info', 'artifact_uri');
  await logMuch(caller, run_id, nowMs);
  const dataset = { name: 'd', digest: '1', source_type: 'local', source: '{}' };
  await call('POST', `${API}/runs/log-inputs`, { json: { run_id, datasets: [{ dataset }] } });
  await call('POST', `${API}/runs/update`, { json: { run_id, status: 'FINISHED', end_time: nowMs + 2 } });
  await call('GET', `${API}/metrics/get-history`, { query: { run_id, metric_key: 'm1' } });
  await call('POST', `${API}/runs/search`, { json: { experiment_ids: [experiment_id], filter: 'metrics.m1 > 1' } });
  await call('POST', `${API}/runs/delete`, { json: { run_id } });
  return artifact_uri;
};

/** @returns the address of a part that may be sent, and the upload's id. */
const beginUpload = async ({ call }: TrackingCaller, path: string) => {
  const begun = await call('POST', `${ARTIFACTS}/mpu/create/drill`, { json: { path, num_parts: 1 } });
  return { upload_id: begun.textAt('upload_id'), url: begun.textAt('credentials', '0', 'url') };
};

const keepArtifacts = async (caller: TrackingCaller): Promise<void> => {
  const { call, follow } = caller;
  const body = Buffer.from('an artifact');
  await call('PUT', `${ARTIFACTS}/artifacts/drill/a.txt`, { body });
  const sentOn = await call('GET', `${ARTIFACTS}/artifacts/drill/a.txt`);
  await follow('GET', sentOn.headers.location ?? '');
  const { upload_id, url } = await beginUpload(caller, 'b.bin');
  const { headers } = await follow('PUT', url, body);
  const parts = [{ part_number: 1, etag: headers.etag }];
  await call('POST', `${ARTIFACTS}/mpu/complete/drill`, { json: { path: 'b.bin', upload_id, parts } });
  const given = await beginUpload(caller, 'c.bin');
  await call('POST', `${ARTIFACTS}/mpu/abort/drill`, { json: { path: 'c.bin', upload_id: given.upload_id } });
  await call('GET', `${ARTIFACTS}/artifacts`, { query: { path: 'drill' } });
  await call('DELETE', `${ARTIFACTS}/artifacts/drill/a.txt`);
};

const useRegistry = async ({ call }: TrackingCaller, source: string): Promise<void> => {
  const name = 'drilled';
  const models = `${API}/registered-models`;
  const versions = `${API}/model-versions`;
  await call('POST', `${models}/create`, { json: { name } });
  for (const version of ['1', '2']) {
    await call('POST', `${versions}/create`, { json: { name, source } });
    await call('POST', `${versions}/transition-stage`, {
      json: { name, version, stage: 'Production', archive_existing_versions: true },
    });
  }
  await call('POST', `${models}/alias`, { json: { name, alias: 'best', version: '2' } });
  await call('POST', `${models}/set-tag`, { json: { name, key: 'k', value: 'v' } });
  await call('DELETE', `${models}/delete-tag`, { json: { name, key: 'k' } });
  await call('GET', `${models}/search`);
  await call('GET', `${versions}/search`, { query: { filter: `name='${name}'` } });
  await call('DELETE', `${versions}/delete`, { json: { name, version: '1' } });
  await call('DELETE', `${models}/delete`, { json: { name } });
};

/** The files of a version that a pipeline registered. */
const readPipelineVersion = async ({ operator }: Scene, { call, follow }: TrackingCaller): Promise<void> => {
  const version = String(await operator.upload('weir', 'upload-1', answering(1)));
  const query = { name: 'weir', version, path: MODEL_FILE };
  const sentOn = await call('GET', '/model-versions/get-artifact', { query });
  await follow('GET', sentOn.headers.location ?? '');
};

const trace = async ({ call }: TrackingCaller): Promise<void> => {
  const attributes = [
    { key: 'mlflow.traceRequestId', value: { stringValue: '"tr-00000000000000000000000000000001"' } },
  ];
  const [startTimeUnixNano, endTimeUnixNano] = ['1700000000000000000', '1700000001000000000'];
  const times = { startTimeUnixNano, endTimeUnixNano };
  const spans = [{ traceId: '1'.padStart(32, '0'), spanId: '1'.padStart(16, '0'), name: 's', ...times, attributes }];
  const headers = { 'x-mlflow-experiment-id': '0' };
  await call('POST', '/v1/traces', { json: { resourceSpans: [{ scopeSpans: [{ spans }] }] }, headers });
  const locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } }];
  const found = await call('POST', '/api/3.0/mlflow/traces/search', { json: { locations } });
  const request_ids = [found.textAt('traces', '0', 'trace_id')];
  await call('POST', '/api/3.0/mlflow/traces/delete-traces', { json: { experiment_id: '0', request_ids } });
};

/** Whoever listens there refuses what it is told: that is a delivery all the same. */
const listen = async ({ session }: Scene, { call }: TrackingCaller): Promise<void> => {
  const events = [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }];
  const url = `http://127.0.0.1${new URL(session.urls.tracking).pathname}/health`;
  const created = await call('POST', `${API}/webhooks`, { json: { name: 'drill', url, events } });
  await call('POST', `${API}/registered-models/create`, { json: { name: 'heard' } });
  await session.cloud.clock.advanceBy(MINUTE_MS);
  const webhook = `${API}/webhooks/${created.textAt('webhook', 'webhook_id')}`;
  const deliveries = (await call('GET', `${webhook}/deliveries`)).at('deliveries');
  const count = Array.isArray(deliveries) ? deliveries.length : 0;
  if (count !== 1) throw new Error(`the webhook has ${count} deliveries, not 1`);
  await call('DELETE', webhook);
};

/** A client with a token of its own, until the token is revoked. */
export const playTracking = async (scene: Scene): Promise<void> => {
  const { session } = scene;
  const { clock } = session.cloud;
  const tokens = await openTrackingTokens('local', session.clientConfig);
  try {
    const token = newTrackingToken({
      name: 'drill',
      workspaces: ['default'],
      role: 'admin',
      createdAtMs: clock.nowMs(),
    });
    const caller = createTrackingCaller(session, await tokens.issue(token));
    const artifactUri = await trackRun(caller, clock.nowMs());
    await crowdOut(scene, caller, clock.nowMs());
    await keepArtifacts(caller);
    await useRegistry(caller, `${artifactUri}/model`);
    await readPipelineVersion(scene, caller);
    await playClientModel(scene, caller);
    await trace(caller);
    await listen(scene, caller);
    await tokens.revoke('drill', clock.nowMs());
    await clock.advanceBy(AUTHORIZER_CACHE_MS);
    await caller.call('POST', `${API}/experiments/search`, { json: { max_results: 1 } }, 401);
  } finally {
    tokens.close();
  }
};
