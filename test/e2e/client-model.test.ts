import { Buffer } from 'node:buffer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStage } from '../../infra/commands/open-stage.ts';
import { openTrackingTokens } from '../../infra/commands/open-tracking-tokens.ts';
import { openUploadStage } from '../../infra/commands/open-upload-stage.ts';
import { uploadModel } from '../../infra/commands/upload-model.ts';
import { type PackagedVersion, requirePackaged } from '../../shared/core/registry/index.ts';
import { newTrackingToken } from '../../shared/core/tracking-access/index.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { callServer, type MlflowCaller } from '../helpers/mlflow-call.ts';
import { mlmodelOf, trainElsewhere } from '../helpers/models-from-elsewhere.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/**
 * Models that no pipeline trained come into a stage by each of its doors: an MLflow client's registration, the platform
 * API's uploads, the operator's command. One cloud for all, and in this order: what one registers, the next one finds.
 */

let test: TestCloud;
let mlflow: MlflowCaller;
let putArtifact: (path: string, body: string | Uint8Array) => Promise<void>;
let stage: Awaited<ReturnType<typeof openStage>>;
beforeAll(async () => {
  test = await startTestCloud({
    assemblyFolder: await assemble([benchDefinition({ deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 } })]),
  });
  await test.loadToyDays(0, 14);
  stage = await openStage('local', test.clientConfig);
  const tokens = await openTrackingTokens('local', test.clientConfig);
  const createdAtMs = test.cloud.clock.nowMs();
  const token = await tokens.issue(
    newTrackingToken({ name: 'ann', workspaces: ['default'], role: 'write', createdAtMs }),
  );
  tokens.close();
  const url = test.cloud.apis['millrace-local-tracking'] ?? '';
  const headers = { authorization: `Bearer ${token}` };
  mlflow = callServer(url, headers);
  putArtifact = async (path, body) => {
    const answer = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${path}`, {
      method: 'PUT',
      headers,
      body: Buffer.from(body),
    });
    expect(answer.status).toBe(200);
  };
}, 240_000);
afterAll(async () => {
  stage.close();
  await test.stop();
});

const must = async (method: string, path: string, message: Readonly<Record<string, unknown>> = {}) => {
  const { status, body } = await mlflow(method, `2.0/mlflow/${path}`, message);
  expect(status, `${path}: ${JSON.stringify(body)}`).toBe(200);
  return body;
};
const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
  const answer = await test.api.call(method, `${test.platformUrl}${path}`, body);
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
  return answer as { readonly status: number; readonly body: any };
};
const shown = async (version: number) =>
  (await must('GET', 'model-versions/get', { name: 'toy', version })).model_version;

/** Logs a model to a run and registers it, as `mlflow.onnx.log_model` and `mlflow.register_model` do. */
const logAndRegister = async (bytes: Uint8Array, mlmodel = mlmodelOf(), name = 'toy') => {
  const { run } = await must('POST', 'runs/create', { experiment_id: '0', start_time: 1 });
  const source = `${run.info.artifact_uri}/model`;
  const path = source.replace('mlflow-artifacts:/', '');
  await putArtifact(`${path}/MLmodel`, mlmodel);
  await putArtifact(`${path}/model.onnx`, bytes);
  const { model_version } = await must('POST', 'model-versions/create', { name, source, run_id: run.info.run_id });
  expect(model_version.status).toBe('READY');
  return { version: Number(model_version.version), source, runId: run.info.run_id as string };
};

const stateOf = async (version: number) => (await stage.registry.getVersion('toy', version)).packaging?.state;
const settled = (version: number): Promise<void> =>
  test.until(`version ${version} is packaged or not`, async () =>
    ['PACKAGED', 'REFUSED', 'FAILED'].includes((await stateOf(version)) ?? ''),
  );
const packagingRuns = async () => (await test.platform.runs('toy')).filter(({ runId }) => runId.startsWith('package-'));

describe('a version that an MLflow client registers', () => {
  it('is packaged under its own number however often it is asked for, and serves when it is approved', async () => {
    await must('POST', 'registered-models/create', { name: 'toy' });
    const { version, source, runId } = await logAndRegister(trainElsewhere());
    await must('POST', 'registered-models/alias', { name: 'toy', alias: 'champion', version: '1' });
    const asked = await Promise.all(['a', 'b'].map(() => ask('POST', '/models/toy/versions/1/package')));

    await test.until('version 1 serves', async () => (await stage.registry.getDeployment('toy'))?.version === 1);
    await test.until('all runs have ended', async () =>
      (await packagingRuns()).every(({ status }) => status !== 'RUNNING'),
    );

    expect(version).toBe(1);
    expect(asked.map(({ status }) => status)).toEqual([202, 202]);
    expect((await packagingRuns()).map(({ status }) => status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
    const packaged = requirePackaged(await stage.registry.getVersion('toy', 1), 'tested');
    expect(packaged).toMatchObject({ status: 'APPROVED', source, submittedBy: 'ann', trackingRunId: runId });
    expect((await test.platform.versions('toy')).map((one) => one.version)).toEqual([1]);
    const { body: lineage } = await ask('GET', `/lineage/model-version/${encodeURIComponent('toy@1')}`);
    expect(JSON.stringify(lineage)).toContain(`toy/${packaged.runId}`);
  }, 180_000);

  it('answers predictions by the bytes that MLflow’s clients load by its number', async () => {
    const { artifactPrefix } = (await stage.registry.getVersion('toy', 1)) as PackagedVersion;

    const { status, body } = await test.platform.predict('toy', { features: { x: 0.9, kind: 'a' } });
    const { artifact_uri } = await must('GET', 'model-versions/get-download-uri', { name: 'toy', version: 1 });

    expect({ status, body }).toMatchObject({ status: 200, body: { version: 1 } });
    expect(artifact_uri).toBe(`mlflow-artifacts:/${artifactPrefix.replace(/\/$/, '')}`);
    expect(await test.observer.readArtifact(`${artifactPrefix}model.onnx`)).toEqual(trainElsewhere());
    const model = await shown(1);
    expect(model).toMatchObject({ status: 'READY', user_id: 'ann' });
    expect(model.status_message).toMatch(/^packaged for service by run package-\w+: APPROVED$/);
    expect(model.tags).toContainEqual({ key: 'millrace.packaging', value: 'PACKAGED' });
  });

  it('stays a reference, and says why, when the gate refuses it', async () => {
    const { version } = await logAndRegister(trainElsewhere({ turned: true }));
    await settled(version);

    const model = await shown(version);
    expect(model.status_message).toMatch(/^not packaged for service: .*refused/);
    expect(model.tags).toContainEqual({ key: 'millrace.packaging', value: 'REFUSED' });
    const approval = await ask('POST', `/models/toy/versions/${version}/approve`, {});
    expect(approval.status).toBe(409);
    expect(approval.body.detail).toContain(`POST /models/toy/versions/${version}/package`);
  });

  it('is refused with every reason when its inputs are not the definition’s', async () => {
    const { version } = await logAndRegister(trainElsewhere({ withoutKind: true }));
    await settled(version);

    const { packaging } = await stage.registry.getVersion('toy', version);
    expect(packaging).toMatchObject({ state: 'REFUSED' });
    expect(packaging?.reason).toContain('it has no input for the features "kind"');
    expect(packaging?.reason).toContain('its MLflow signature has the inputs "kind", which the graph has not');
  });

  it('may be deleted while it is packaged: nothing comes of it', async () => {
    const { clock } = test.cloud;
    // A leap would carry the whole workflow out at once: in wall time a person comes between.
    clock.startWall();
    const { version } = await logAndRegister(trainElsewhere({ rounds: 14 }));
    await vi.waitFor(async () => expect(await stateOf(version)).toBe('PENDING'), { timeout: 20_000, interval: 20 });
    await must('DELETE', 'model-versions/delete', { name: 'toy', version: String(version) });
    clock.stopWall();

    await test.until('its run has ended', async () =>
      (await packagingRuns()).every(({ status }) => status !== 'RUNNING'),
    );
    const run = (await packagingRuns()).at(-1);
    expect(run).toMatchObject({ status: 'FAILED' });
    expect(run?.outcome).toContain(`NotFoundError: model version toy@${version} is not registered`);
    expect((await test.platform.versions('toy')).map((one) => one.version)).not.toContain(version);
  });

  it('stays where it is in a model that nothing here defines, and says where to serve it', async () => {
    await must('POST', 'registered-models/create', { name: 'other' });
    const { source } = await logAndRegister(trainElsewhere(), mlmodelOf(), 'other');

    const { status, body } = await ask('POST', '/models/other/versions/1/package');

    expect(status).toBe(409);
    expect(body.detail).toContain('no folder of models/ defines other');
    expect(body.detail).toContain(source);
    expect((await stage.registry.getVersion('other', 1)).status).toBe('REFERENCED');
  });
});

/** Asks for a place and puts a file there. */
const bring = async (bytes: Uint8Array) => {
  const { status, body } = await ask('POST', '/models/toy/uploads', { sizeBytes: bytes.byteLength });
  expect(status).toBe(201);
  const { uploadId, url, headers } = body;
  const send = async (content: Uint8Array) =>
    (
      await fetch(url, {
        method: 'PUT',
        headers: { 'if-none-match': headers['if-none-match'] },
        body: Buffer.from(content),
      })
    ).status;
  return { uploadId: uploadId as string, send };
};
const uploadState = async (uploadId: string) => (await ask('GET', `/models/toy/uploads/${uploadId}`)).body;
const ended = (uploadId: string): Promise<void> =>
  test.until('the upload is through', async () =>
    ['REGISTERED', 'REFUSED', 'FAILED'].includes((await uploadState(uploadId)).state),
  );

describe('a model that is uploaded', () => {
  it('goes to a URL for one file of the length that was said, and becomes one version however often it is submitted', async () => {
    const bytes = trainElsewhere({ rounds: 16 });
    const { uploadId, send } = await bring(bytes);
    const body = { uploadId, description: 'from the lab', tags: { team: 'lab' } };

    const early = await ask('POST', '/models/toy/versions', body);
    const sent = [await send(bytes.subarray(1)), await send(bytes), await send(bytes)];
    const submitted = await Promise.all([1, 2].map(() => ask('POST', '/models/toy/versions', body)));
    const otherwise = await ask('POST', '/models/toy/versions', { uploadId, description: 'another' });
    await ended(uploadId);

    expect([early.status, ...sent]).toEqual([404, 403, 200, 412]);
    expect([...submitted, otherwise].map(({ status }) => status)).toEqual([202, 202, 409]);
    const { state, version } = await uploadState(uploadId);
    expect(state).toBe('REGISTERED');
    const notes = {
      description: 'from the lab',
      tags: { team: 'lab' },
      submittedBy: expect.stringContaining('arn:aws:'),
    };
    expect(await stage.registry.getVersion('toy', version)).toMatchObject({ status: 'APPROVED', ...notes });
  });

  it('is told every reason why it cannot be served, and larger files than can be are not let in', async () => {
    const { uploadId, send } = await bring(trainElsewhere({ withoutKind: true }));
    await send(trainElsewhere({ withoutKind: true }));
    await ask('POST', '/models/toy/versions', { uploadId });
    await ended(uploadId);

    expect(await uploadState(uploadId)).toMatchObject({
      state: 'REFUSED',
      reasons: ['it has no input for the features "kind"'],
    });
    expect((await ask('POST', '/models/toy/uploads', { sizeBytes: 250_000_001 })).status).toBe(400);
  });
});

describe('a model that an operator brings', () => {
  it('becomes a version once, with its profile and MLmodel file', async () => {
    const operator = await openUploadStage('local', test.clientConfig);
    const wait = (ms: number): Promise<void> => test.cloud.clock.advanceTo(test.cloud.clock.nowMs() + ms);
    const upload = (bytes: Uint8Array) =>
      uploadModel({ model: 'toy', bytes, attempt: 1, tell: () => {} }, { ...operator, wait });
    const bytes = trainElsewhere({ rounds: 17 });

    const { version = 0, outcome } = await upload(bytes);
    const again = await upload(bytes);

    expect(outcome).toContain('the candidate passed its quality gate');
    expect(again.version).toBe(version);
    const registered = requirePackaged(await stage.registry.getVersion('toy', version), 'tested');
    expect(registered).toMatchObject({ status: 'APPROVED', submittedBy: operator.principal });
    const manifest = await test.observer.readArtifact(`${registered.artifactPrefix}manifest.json`);
    expect(Object.keys(JSON.parse(new TextDecoder().decode(manifest)).files)).toEqual(
      expect.arrayContaining(['MLmodel', 'model.onnx', 'reference-profile.json', 'signature.json']),
    );
    await expect(upload(new TextEncoder().encode('no model'))).rejects.toThrow(
      /InvalidRequestError: model.onnx cannot be served: the file is not an ONNX/,
    );
    operator.close();
  });
});
