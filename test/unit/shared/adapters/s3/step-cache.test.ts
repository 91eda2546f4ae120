import { describe, expect, it, vi } from 'vitest';
import { createMemoryArtifactStore } from '../../../../../shared/adapters/memory/artifact-store.ts';
import { createStepCache } from '../../../../../shared/adapters/s3/step-cache.ts';
import type { ArtifactStore } from '../../../../../shared/ports/artifact-store.ts';
import type { StepInputs } from '../../../../../shared/ports/step-cache.ts';

const INPUTS = { model: 'toy', step: 'train-model', digest: 'd1' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const isNumber = (value: unknown): value is number => typeof value === 'number';

const open = (artifacts: ArtifactStore = createMemoryArtifactStore()) => {
  const work = vi.fn();
  const run = (folder: string, inputs: StepInputs = INPUTS) =>
    createStepCache(artifacts).run(inputs, {
      keyOf: (name) => `${folder}/${name}`,
      isValue: isNumber,
      work: async () => {
        work();
        const key = `${folder}/model.onnx`;
        const { etag } = await artifacts.put(key, bytes('model'));
        return { outputs: [{ name: 'model.onnx', key, etag }], value: 3 };
      },
    });
  return { artifacts, work, run };
};

describe('the step cache', () => {
  it('does equal work once: copies its outputs and gives its value', async () => {
    const { artifacts, work, run } = open();

    expect(await run('runs/1')).toEqual({ value: 3, cached: false });
    expect(await run('runs/2')).toEqual({ value: 3, cached: true });
    expect(await run('runs/1')).toEqual({ value: 3, cached: true });
    expect(await artifacts.get('runs/2/model.onnx')).toEqual(bytes('model'));
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('tells inputs, steps and models apart', async () => {
    const { work, run } = open();
    await run('runs/1');

    for (const other of [{ digest: 'd2' }, { model: 'births' }, { step: 'build-features' }]) {
      expect((await run('runs/2', { ...INPUTS, ...other })).cached).toBe(false);
    }
    expect(work).toHaveBeenCalledTimes(4);
  });

  it('does the work again when an artifact has other bytes now, also for the run that made it', async () => {
    const { artifacts, run } = open();
    await run('runs/1');
    await artifacts.put('runs/1/model.onnx', bytes('other'));

    expect((await run('runs/2')).cached).toBe(false);
    await artifacts.put('runs/2/model.onnx', bytes('other'));
    expect((await run('runs/2')).cached).toBe(false);
    expect(await artifacts.get('runs/2/model.onnx')).toEqual(bytes('model'));
  });

  it.each([
    ['whose artifact is gone', { schemaVersion: 1, outputs: [{ name: 'a', key: 'runs/0/a', etag: '"x"' }], value: 3 }],
    ['of another layout', { schemaVersion: 2 }],
    ['with a value of another release', { schemaVersion: 1, outputs: [], value: 'three' }],
  ])('takes an entry %s for none', async (_what, entry) => {
    const { artifacts, run } = open();
    await artifacts.put('cache/toy/train-model/d1.json', bytes(JSON.stringify(entry)));

    expect(await run('runs/2')).toEqual({ value: 3, cached: false });
  });

  it('hands on what neither is gone nor has changed but fails', async () => {
    const { artifacts, run } = open();
    await run('runs/1');
    const failing = open({
      ...artifacts,
      copy: async () => {
        throw new TypeError('broken');
      },
    });

    await expect(failing.run('runs/2')).rejects.toThrow('broken');
  });
});
