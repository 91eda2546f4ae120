import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/check-upload/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createModelRuntime } from '../../../../shared/adapters/onnx/model-runtime.ts';
import { loadStoredModel } from '../../../../shared/adapters/s3/stored-model.ts';
import { artifactSpace } from '../../../../shared/core/artifacts/index.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';
import { readOnnxFixture } from '../../../reference/onnx/fixtures.ts';

const UPLOAD = 'a'.repeat(32);
const INPUT = { model: 'toy', runId: `upload-${UPLOAD}`, uploadId: UPLOAD };

const BY = { principal: 'ann', atMs: 10 };
const SOURCE = 'mlflow-artifacts:/0/r/artifacts/model';
const AT = 'tracking/default/artifacts/0/r/artifacts/model/';
const MLMODEL = 'flavors:\n  onnx:\n    data: model.onnx\n';

const open = async (fixture: string, task: 'regression' | 'binary-classification' = 'regression') => {
  const artifacts = createMemoryArtifactStore();
  await artifacts.put(`uploads/toy/${UPLOAD}/model.onnx`, readOnnxFixture(fixture).bytes);
  const features = [
    { name: 'x1', type: 'number', nullable: false },
    { name: 'x2', type: 'number', nullable: false },
  ] as const;
  const definition = benchDefinition({ task, features: [...features] });
  const { registry, catalog } = createMemoryRegistry();
  const handler = createHandler({
    definitions: new Map([['toy', definition]]),
    artifacts,
    registry,
    space: artifactSpace({ workspace: 'default', bucket: 'b' }),
    runtime: createModelRuntime(),
  });
  /** A client's version of the fixture, with these files. */
  const register = async (files: Readonly<Record<string, string>> = { MLmodel: MLMODEL }, source = SOURCE) => {
    for (const [file, text] of Object.entries(files))
      await artifacts.put(`${AT}${file}`, new TextEncoder().encode(text));
    await artifacts.put(`${AT}model.onnx`, readOnnxFixture(fixture).bytes);
    await catalog.createModel({ model: 'toy', description: '', tags: {} }, BY);
    await catalog.createVersion('toy', { source, description: '', tags: {} }, BY);
    return { ...INPUT, client: { version: 1, registeredAtMs: 10 } };
  };
  return { artifacts, catalog, handler, register };
};

describe('check-upload', () => {
  it('lays a model that can be served where a trainer’s lie, with the definition’s signature, twice alike', async () => {
    const { artifacts, handler } = await open('linear');

    for (const _ of [1, 2]) await handler(INPUT);

    for (const phase of ['candidate', 'refit']) {
      const stored = await loadStoredModel(artifacts, `runs/toy/${INPUT.runId}/${phase}/model/`);
      expect(stored.bytes).toEqual(readOnnxFixture('linear').bytes);
      expect(stored.signature).toEqual({
        task: 'regression',
        inputs: [
          { name: 'x1', datatype: 'FP32', shape: [-1, 1], nullable: false },
          { name: 'x2', datatype: 'FP32', shape: [-1, 1], nullable: false },
        ],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      });
    }
  });

  it('refuses a model whose answers are no numbers', async () => {
    const { handler } = await open('not-a-number');

    await expect(handler(INPUT)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringMatching(/^model.onnx cannot be served: it answers (-Infinity|NaN) to a request/),
    });
  });

  it('refuses answers that are no probabilities for a classification', async () => {
    const { handler } = await open('linear', 'binary-classification');

    await expect(handler(INPUT)).rejects.toThrow('a probability in [0, 1] is expected');
  });

  it('refuses what cannot be served with every reason, and lays nothing', async () => {
    const { artifacts, handler } = await open('external');

    await expect(handler(INPUT)).rejects.toThrow(/store tensors inside; it has no input for the features "x1", "x2"/);
    expect(await artifacts.list('runs/')).toEqual([]);
  });

  it('refuses an upload’s id that could leave the model’s folder', async () => {
    const { handler } = await open('linear');

    await expect(handler({ ...INPUT, uploadId: '../other' })).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });

  it('keeps every reason beside the upload', async () => {
    const { artifacts, handler } = await open('external');

    await handler(INPUT).catch(() => {});

    const { faults } = JSON.parse(new TextDecoder().decode(await artifacts.get(`uploads/toy/${UPLOAD}/faults.json`)));
    expect(faults).toHaveLength(3);
  });

  it('gives what was submitted with an upload to who registers it', async () => {
    const { artifacts, handler } = await open('linear');
    const submission = { schemaVersion: 1, principal: 'ann', submittedAtMs: 1, description: 'd', tags: { a: 'b' } };
    const bytes = new TextEncoder().encode(JSON.stringify(submission));
    await artifacts.put(`uploads/toy/${UPLOAD}/submission.json`, bytes);

    expect(await handler(INPUT)).toMatchObject({ notes: { description: 'd', tags: { a: 'b' } } });
  });

  it('fetches a client’s version by its source and MLmodel file', async () => {
    const { artifacts, handler, register } = await open('linear');

    expect(await handler(await register())).toEqual({
      sizeBytes: readOnnxFixture('linear').bytes.byteLength,
      notes: null,
    });

    const stored = await loadStoredModel(artifacts, `runs/toy/${INPUT.runId}/refit/model/`);
    expect(stored.bytes).toEqual(readOnnxFixture('linear').bytes);
  });

  it.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['no MLmodel file', {}, SOURCE, `there is no MLmodel file at ${SOURCE}`],
    ['another flavor', { MLmodel: 'flavors:\n  sklearn:\n    data: m.pkl\n' }, SOURCE, 'no ONNX flavor, only sklearn'],
    ['a file that is not there', { MLmodel: MLMODEL.replace('model.onnx', 'm.onnx') }, SOURCE, 'there is no m.onnx'],
    ['a path out of its folder', { MLmodel: MLMODEL.replace('model.onnx', '../../x') }, SOURCE, 'Invalid path'],
    ['files elsewhere', { MLmodel: MLMODEL }, 's3://theirs/k', 's3://theirs/k, which this server does not keep'],
    [
      'a signature of other inputs',
      { MLmodel: `${MLMODEL}signature:\n  inputs: '[{"name": "z", "type": "double"}]'\n` },
      SOURCE,
      'signature has the inputs "z", which the graph has not',
    ],
  ])('refuses a client’s version with %s', async (_what, files, source, reason) => {
    const { handler, register } = await open('linear');

    await expect(handler(await register(files, source))).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringContaining(reason),
    });
  });

  it('tells of a client’s version that was deleted, or is another one now', async () => {
    const { catalog, handler, register } = await open('linear');
    const input = await register();

    await expect(handler({ ...input, client: { version: 1, registeredAtMs: 9 } })).rejects.toThrow('another one');
    await catalog.deleteVersion('toy', 1, BY);
    await expect(handler(input)).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('says that nothing was uploaded under an id', async () => {
    const { handler } = await open('linear');

    await expect(handler({ ...INPUT, uploadId: 'b'.repeat(32) })).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});
