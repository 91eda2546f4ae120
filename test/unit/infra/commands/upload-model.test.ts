import { describe, expect, it } from 'vitest';
import { inspectUpload, type UploadStage, uploadModel } from '../../../../infra/commands/upload-model.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';
import { readOnnxFixture } from '../../../reference/onnx/fixtures.ts';

const { bytes } = readOnnxFixture('linear');

const openStage = (outcomes: readonly Awaited<ReturnType<UploadStage['describe']>>[]) => {
  const artifacts = createMemoryArtifactStore();
  const started = new Map<string, object>();
  let asked = 0;
  const stage: UploadStage = {
    principal: 'operator:ann',
    artifacts,
    start: async (name, input) => {
      if (started.has(name)) return 'exists';
      started.set(name, input);
      return 'started';
    },
    describe: async () => outcomes[Math.min(asked++, outcomes.length - 1)] ?? { status: 'RUNNING' },
    findVersion: async () => 4,
    wait: async () => {},
  };
  return { stage, artifacts, started };
};

const PASSED = { status: 'SUCCEEDED', output: { passed: true, outcome: 'passed' } } as const;
const upload = (stage: UploadStage, attempt = 1) =>
  uploadModel({ model: 'toy', bytes, attempt, tell: () => {} }, stage);

describe('registering a file', () => {
  it('starts one execution for a file however often it is asked, and gives its version', async () => {
    const { stage, started, artifacts } = openStage([{ status: 'RUNNING' }, PASSED]);

    const first = await upload(stage);
    const second = await upload(stage);

    expect(first).toEqual({ passed: true, outcome: 'passed', version: 4 });
    expect(second).toEqual(first);
    const [[name, input] = [], ...others] = [...started];
    expect(others).toEqual([]);
    const uploadId = name?.slice('upload-'.length);
    expect(input).toEqual({
      model: 'toy',
      uploadId,
      cause: { kind: 'upload', principal: 'operator:ann', uploadId },
    });
    expect(await artifacts.get(`uploads/toy/${uploadId}/model.onnx`)).toEqual(bytes);
  });

  it('gives no version when the gate refused it', async () => {
    const { stage } = openStage([{ status: 'SUCCEEDED', output: { passed: false, outcome: 'loss 0.9 > 0.4' } }]);

    expect(await upload(stage)).toEqual({ passed: false, outcome: 'loss 0.9 > 0.4' });
  });

  it('says why the stage failed it and how to try again, which starts anew', async () => {
    const { stage, started } = openStage([{ status: 'FAILED', failure: 'NotFoundError: no data' }, PASSED]);

    await expect(upload(stage)).rejects.toThrow(/NotFoundError: no data; once that is mended, .*--attempt 2/);
    await upload(stage, 2);

    expect(started.size).toBe(2);
  });

  it('inspects the file against the definition first', () => {
    expect(() => inspectUpload(benchDefinition(), bytes)).toThrow('it has no input for the features "x", "kind"');
  });
});
