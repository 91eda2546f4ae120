import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createPinnedSource } from '../../../../../functions/infer/server/pinned-source.ts';
import { createRegistrySource } from '../../../../../functions/infer/server/registry-source.ts';
import { onlinePlanFiles } from '../../../../../functions/profile-model/online-plan-files.ts';
import { placeModel } from '../../../../../functions/profile-model/place-model.ts';
import { createMemoryArtifactStore } from '../../../../../shared/adapters/memory/artifact-store.ts';
import { MODEL_FILE, SIGNATURE_FILE, type Signature } from '../../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../../shared/contracts/json-file.ts';
import { artifactSpace } from '../../../../../shared/core/artifacts/index.ts';
import { onlinePlanOf } from '../../../../../shared/core/features/index.ts';
import type { ModelVersion, RegisteredModel } from '../../../../../shared/core/registry/index.ts';
import { NotFoundError } from '../../../../../shared/kernel/errors.ts';
import { entityDefinition } from '../../../../helpers/entity-bench.ts';

const BYTES = Uint8Array.from([8, 1, 2, 3]);
const SIGNATURE: Signature = {
  task: 'regression',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1], nullable: false }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};
const BUCKET = 'artifacts';
const STANDING = { registeredAtMs: 0, updatedAtMs: 0, stage: 'None', description: '', tags: {} } as const;

/** A packaged version of `late`, and a client's of `theirs` whose MLmodel names an ONNX file. */
const bench = async ({ status = 'APPROVED', champion = 1 } = {}) => {
  const artifacts = createMemoryArtifactStore();
  const files = new Map([
    [MODEL_FILE, BYTES],
    [SIGNATURE_FILE, toJsonFile(SIGNATURE)],
  ]);
  const placed = await placeModel(artifacts, { model: 'late', runId: 'run-1', files });
  const logged = 'tracking/default/artifacts/1/r/artifacts/model';
  await artifacts.put(
    `${logged}/MLmodel`,
    new TextEncoder().encode('flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.17.0\n'),
  );
  await artifacts.put(`${logged}/model.onnx`, BYTES);
  const versions: Readonly<Record<string, unknown>> = {
    'late 1': { ...STANDING, ...placed, model: 'late', version: 1, status, runId: 'run-1', source: '' },
    'theirs 3': { ...STANDING, model: 'theirs', version: 3, status: 'REFERENCED', source: `s3://${BUCKET}/${logged}` },
  };
  const models: Readonly<Record<string, unknown>> = {
    late: { latestVersion: 1, packaged: true, aliases: champion === 0 ? {} : { champion } },
    theirs: { latestVersion: 3, packaged: false, aliases: {} },
  };
  const found = <T>(list: Readonly<Record<string, unknown>>, key: string): T => {
    if (!Object.hasOwn(list, key)) throw new NotFoundError(`${key} is not registered`);
    return list[key] as T;
  };
  const { modelDigest, manifestDigest, artifactPrefix } = placed;
  const evidence = { home: 'h', number: 1, modelDigest, manifestDigest, artifactPrefix, itemDigest: 'i' };
  const deps = {
    artifacts,
    registry: {
      getModel: async (model: string) => found<RegisteredModel>(models, model),
      getVersion: async (model: string, version: number) => found<ModelVersion>(versions, `${model} ${version}`),
    },
    space: artifactSpace({ workspace: 'default', bucket: BUCKET }),
    readEvidence: async () => evidence,
  };
  return { source: createRegistrySource(deps), deps, artifacts, placed, logged };
};

test('a packaged model is served in its champion version, with its signature', async () => {
  const { source, placed } = await bench();
  const described = await source.describe('late');

  expect(described).toMatchObject({ version: '1', sizeBytes: BYTES.length });
  expect(await source.fetch(described)).toEqual({ bytes: BYTES, digest: placed.modelDigest, signature: SIGNATURE });
});

test("a client's model without an alias is served in its newest version, without a signature", async () => {
  const { source } = await bench();
  const described = await source.describe('theirs');

  expect(described).toMatchObject({ version: '3', sizeBytes: BYTES.length });
  const digest = createHash('sha256').update(BYTES).digest('hex');
  expect(await source.fetch(described)).toEqual({ bytes: BYTES, digest });
});

test("other bytes at a client's source are not taken for those that were described", async () => {
  const { source, artifacts, logged } = await bench();
  const before = await source.describe('theirs');
  await artifacts.put(`${logged}/model.onnx`, Uint8Array.from([9]));

  await expect(source.fetch(before)).rejects.toThrow('changed');
  expect((await source.describe('theirs')).key).not.toBe(before.key);
});

test.each([
  [{ champion: 0 }, undefined, 'no version of late is in service yet'],
  [{ status: 'PENDING_APPROVAL' }, '1', 'version 1 of late is PENDING_APPROVAL, only an approved version serves'],
  [{}, '2', 'late 2 is not registered'],
  [{}, 'one', 'model late has no version one'],
])('refuses what may not serve: %j, version %s', async (standing, version, message) => {
  const { source } = await bench(standing);
  await expect(source.describe('late', version)).rejects.toThrow(message);
});

test('a package says how its features are had from entities, as it was registered', async () => {
  const { deps, artifacts } = await bench();
  const files = new Map([
    [MODEL_FILE, Uint8Array.from([8, 9])],
    [SIGNATURE_FILE, toJsonFile(SIGNATURE)],
    ...onlinePlanFiles(entityDefinition()),
  ]);
  const placed = await placeModel(artifacts, { model: 'late', runId: 'run-2', files });
  const evidence = { ...placed, home: 'h', number: 2, itemDigest: 'i' };
  const source = createPinnedSource({ ...deps, readEvidence: async () => evidence }, 'late', { version: 2, ...placed });

  expect((await source.fetch(await source.describe('late'))).onlinePlan).toEqual(onlinePlanOf(entityDefinition()));
});

test('a package whose bytes were changed is not served', async () => {
  const { source, artifacts, placed } = await bench();
  const described = await source.describe('late');
  await artifacts.put(`${placed.artifactPrefix}${MODEL_FILE}`, Uint8Array.from([1]));

  await expect(source.fetch(described)).rejects.toThrow('model.onnx has digest');
});

test('a version whose item is not what was published is not served', async () => {
  const { deps } = await bench();
  const source = createRegistrySource({ ...deps, readEvidence: async () => undefined });
  const described = await source.describe('late');

  await expect(source.fetch(described)).rejects.toThrow('version 1 of late: it is not registered');
});

test('a pinned server serves its version, and names it when asked for another', async () => {
  const { deps, placed } = await bench();
  const source = createPinnedSource(deps, 'late', { version: 1, ...placed });

  const described = await source.describe('late', '1');
  expect(await source.fetch(described)).toMatchObject({ digest: placed.modelDigest });
  // Nobody has asked it yet: it is to prove itself. What a registry names has served, or serves who asks for it.
  expect(described.mustAnswer).toBe(true);
  expect(await createRegistrySource(deps).describe('late')).not.toHaveProperty('mustAnswer');
  await expect(source.describe('late', '2')).rejects.toThrow('version 2 of late is not in service; version 1 is');
  await expect(source.describe('other')).rejects.toThrow('model other is not served here');
  await expect(createPinnedSource(deps, 'late', undefined).describe('late')).rejects.toThrow('in service yet');
});
