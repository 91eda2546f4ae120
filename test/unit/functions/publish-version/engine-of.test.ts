import { expect, it } from 'vitest';
import { placeModel } from '../../../../functions/profile-model/place-model.ts';
import { engineOf } from '../../../../functions/publish-version/engine-of.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { UnavailableError } from '../../../../shared/kernel/errors.ts';
import { makeNetwork, makeTrees } from '../../../bench/serving-model.ts';

const TREES = makeTrees(50).bytes;
const NETWORK = makeNetwork(2).bytes;

const placed = async (bytes: Uint8Array) => {
  const artifacts = createMemoryArtifactStore();
  const files = new Map([['model.onnx', bytes]]);
  return { artifacts, pins: { version: 1, ...(await placeModel(artifacts, { model: 'toy', runId: 'run-1', files })) } };
};

it('is what takes the graph', async () => {
  const trees = await placed(TREES);
  const network = await placed(NETWORK);

  expect(await engineOf(trees.artifacts, trees.pins)).toBe('interpreter');
  expect(await engineOf(network.artifacts, network.pins)).toBe('onnxruntime');
});

it('is not looked for in bytes that are not those that were registered, nor in none', async () => {
  const { artifacts, pins } = await placed(NETWORK);
  await artifacts.put(`${pins.artifactPrefix}model.onnx`, TREES);

  expect(await engineOf(artifacts, pins)).toBeUndefined();
  expect(await engineOf(createMemoryArtifactStore(), pins)).toBeUndefined();
});

it('is not looked for in a model so large that its bytes are what is waited for', async () => {
  const { artifacts, pins } = await placed(new Uint8Array(32 * 1024 * 1024 + 1));

  expect(await engineOf(artifacts, pins)).toBeUndefined();
});

it('waits for a store that is not available: the step is tried again', async () => {
  const { pins } = await placed(NETWORK);
  const fail = () => Promise.reject(new UnavailableError('S3 is not available'));
  const artifacts = { get: fail, list: fail };

  await expect(engineOf(artifacts, pins)).rejects.toThrow('S3 is not available');
});
