import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTrackingTokens } from '../../infra/commands/open-tracking-tokens.ts';
import { newTrackingToken } from '../../shared/core/tracking-access/index.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/** What a pipeline made, as MLflow's clients find it: asked over HTTP, with a token that may only read. */

let test: TestCloud;
let ask: (path: string, json?: object) => Promise<Response>;
const API = '/api/2.0/mlflow';

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble([benchDefinition()]) });
  await test.loadToyDays(0, 14);
  await test.platform.requestTraining('toy', 'first');
  await test.until('version 1 is registered', async () =>
    (await test.platform.runs('toy')).some(({ status }) => status !== 'RUNNING'),
  );
  const { clock, apis } = test.cloud;
  clock.startWall();
  const store = await openTrackingTokens('local', test.clientConfig);
  const reader = { name: 'reader', workspaces: ['default'], role: 'read', createdAtMs: clock.nowMs() };
  const token = await store.issue(newTrackingToken(reader));
  store.close();
  ask = (path, json) =>
    fetch(`${apis['millrace-local-tracking']}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) }),
    });
}, 240_000);
afterAll(() => test.stop());

const read = async (path: string, json?: object) => {
  const answer = await ask(path, json);
  expect(answer.status, `${path}: ${await answer.clone().text()}`).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
  return (await answer.json()) as any;
};

const byKey = (entries: readonly { readonly key: string; readonly value: unknown }[]) =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));

describe('a pipeline’s run and version in MLflow', () => {
  it('stands in the experiment of the model’s name, finished, with params, metrics and where it came from', async () => {
    const { experiment } = await read(`${API}/experiments/get-by-name?experiment_name=toy`);
    const { runs } = await read(`${API}/runs/search`, { experiment_ids: [experiment.experiment_id] });

    const [run, ...others] = runs;
    expect(others).toEqual([]);
    expect(run.info).toMatchObject({ status: 'FINISHED', user_id: 'workflow:train-toy' });
    expect(byKey(run.data.params)).toMatchObject({ 'trainer.rounds': '60', featureCount: '2' });
    expect(byKey(run.data.metrics).holdoutAuc).toBeGreaterThan(0.8);
    expect(byKey(run.data.tags)).toMatchObject({
      'mlflow.source.name': 'millrace-local-train-toy',
      'mlflow.runName': run.info.run_name,
      'millrace.modelVersion': '1',
    });
  });

  it('leads from the version to its run, and from the run to its version', async () => {
    const { model_version: version } = await read(`${API}/model-versions/get?name=toy&version=1`);
    const { run } = await read(`${API}/runs/get?run_id=${version.run_id}`);
    const filter = encodeURIComponent(`run_id = '${version.run_id}'`);
    const { model_versions: found } = await read(`${API}/model-versions/search?filter=${filter}`);

    expect(run.info.run_id).toBe(version.run_id);
    expect(found.map(({ name, version }: Record<string, string>) => [name, version])).toEqual([['toy', '1']]);
  });

  it('keeps the version’s files where its source says, with an MLmodel file that names its run', async () => {
    const { model_version: version } = await read(`${API}/model-versions/get?name=toy&version=1`);
    const path = version.source.replace('mlflow-artifacts:/', '');

    const { files } = await read(`/api/2.0/mlflow-artifacts/artifacts?path=${path}`);
    const mlmodel = await (await ask(`/api/2.0/mlflow-artifacts/artifacts/${path}/MLmodel`)).text();

    expect(files.map((file: { path: string }) => file.path)).toEqual(
      expect.arrayContaining(['MLmodel', 'model.onnx', 'signature.json', 'manifest.json']),
    );
    expect(mlmodel).toContain(`run_id: '${version.run_id}'`);
    expect(mlmodel).toContain('loader_module: mlflow.onnx');
  });
});
