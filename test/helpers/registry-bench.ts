import { expect } from 'vitest';
import type { WorkspacePorts } from '../../functions/tracking-api/deps.ts';
import { modelVersionRoutes } from '../../functions/tracking-api/model-version-routes.ts';
import { registeredModelRoutes } from '../../functions/tracking-api/registered-model-routes.ts';
import { createMemoryEventPublisher } from '../../shared/adapters/memory/event-publisher.ts';
import { createMemoryLoggedModelStore } from '../../shared/adapters/memory/logged-model-store.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import { withMetrics, withRegistration } from '../../shared/core/logged-models/index.ts';
import type { LoggedModel } from '../../shared/core/tracking/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { callRoutes, callServer, type MlflowCaller } from './mlflow-call.ts';

/** `MLFLOW_URL` names a server to be tested instead, MLflow's own included. */
const { MLFLOW_URL: url } = process.env;
export const onOtherServer = url !== undefined;

export const LOCAL_RUN = 'a'.repeat(32);
export const MODEL_ID = `m-${'b'.repeat(32)}`;

export const loggedModel: LoggedModel = {
  modelId: MODEL_ID,
  experimentId: '0',
  name: 'logged',
  createdAtMs: 1,
  updatedAtMs: 1,
  artifactUri: `mlflow-artifacts:/0/models/${MODEL_ID}/artifacts`,
  status: 'LOGGED_MODEL_READY',
  lifecycleStage: 'active',
  sourceRunId: LOCAL_RUN,
  params: {},
  tags: {},
  metrics: [],
  registrations: [],
};

export const openHere = () => {
  let nowMs = 1_000;
  const { catalog, registry } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const loggedModels = createMemoryLoggedModelStore({ withMetrics, withRegistration });
  const getRun = async (runId: string) => {
    if (runId !== LOCAL_RUN) throw new NotFoundError(`Run with id=${runId} not found`);
    return { info: { artifactUri: 'file:///data/0/run/artifacts' } };
  };
  const tracking = { getRun } as unknown as WorkspacePorts['tracking'];
  const ports = { catalog, events, loggedModels, tracking };
  const tick = () => {
    nowMs += 1;
    return nowMs;
  };
  const call = callRoutes([...registeredModelRoutes, ...modelVersionRoutes], ports, { nowMs: tick });
  return { call, catalog, registry, events, loggedModels };
};

export const MODELS = '2.0/mlflow/registered-models';
export const VERSIONS = '2.0/mlflow/model-versions';
export const SUFFIX = ' See the API docs for more information about request parameters.';
export const invalid = (message: unknown) => ({
  status: 400,
  body: { error_code: 'INVALID_PARAMETER_VALUE', message },
});
export const missing = (message: unknown) => ({
  status: 404,
  body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message },
});
export const SOURCE = 's3://bucket/path';

let serial = 0;
/** A name that nothing else on the server has. */
export const unique = (name: string): string => {
  serial += 1;
  return `${name}-${process.pid}-${serial}`;
};

export const createModel = async (call: MlflowCaller, name: string, message: object = {}): Promise<string> => {
  expect((await call('POST', `${MODELS}/create`, { name, ...message })).status).toBe(200);
  return name;
};
export const createVersion = async (call: MlflowCaller, name: string, message: object = {}) => {
  const { status, body } = await call('POST', `${VERSIONS}/create`, { name, source: SOURCE, ...message });
  expect({ status, body }).toMatchObject({ status: 200 });
  return body.model_version;
};
export const open = (): { readonly call: MlflowCaller } => (url === undefined ? openHere() : { call: callServer(url) });
