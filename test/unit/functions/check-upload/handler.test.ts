import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/check-upload/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createModelRuntime } from '../../../../shared/adapters/onnx/model-runtime.ts';
import { loadStoredModel } from '../../../../shared/adapters/s3/stored-model.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';
import { readOnnxFixture } from '../../../reference/onnx/fixtures.ts';

const UPLOAD = 'a'.repeat(32);
const INPUT = { model: 'toy', runId: `upload-${UPLOAD}`, uploadId: UPLOAD };

const open = async (fixture: string, task: 'regression' | 'binary-classification' = 'regression') => {
  const artifacts = createMemoryArtifactStore();
  await artifacts.put(`uploads/toy/${UPLOAD}/model.onnx`, readOnnxFixture(fixture).bytes);
  const features = [
    { name: 'x1', type: 'number', nullable: false },
    { name: 'x2', type: 'number', nullable: false },
  ] as const;
  const definition = benchDefinition({ task, features: [...features] });
  const handler = createHandler({
    definitions: new Map([['toy', definition]]),
    artifacts,
    runtime: createModelRuntime(),
  });
  return { artifacts, handler };
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

  it('says that nothing was uploaded under an id', async () => {
    const { handler } = await open('linear');

    await expect(handler({ ...INPUT, uploadId: 'b'.repeat(32) })).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});
