import { createHash } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { createHandler as createDecideApproval } from '../../../../functions/decide-approval/handler.ts';
import { placeModel } from '../../../../functions/profile-model/place-model.ts';
import { createHandler as createRegister } from '../../../../functions/register-model-version/handler.ts';
import { promoteVersion, type SourceStage, type TargetStage } from '../../../../infra/commands/promote-version.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createVersionFiles } from '../../../../shared/adapters/s3/version-files.ts';
import { requirePackaged } from '../../../../shared/core/registry/index.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const DEADLINE_MS = 1_000;
const clock = { nowMs: () => 7 };

const openMemoryStage = (approval: 'automatic' | 'manual' = 'manual') => {
  const artifacts = createMemoryArtifactStore();
  const { registry, lineage } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const definitions = new Map([['toy', benchDefinition({ approval })]]);
  const functions = {
    'register-model-version': createRegister({ definitions, artifacts, registry, events, clock }),
    'decide-approval': createDecideApproval({
      definitions,
      registry,
      files: createVersionFiles(artifacts),
      events,
      clock,
    }),
  };
  return { artifacts, registry, lineage, events, functions };
};

let from: ReturnType<typeof openMemoryStage>;
let to: ReturnType<typeof openMemoryStage>;
let source: SourceStage;
let target: TargetStage;
let prefix: string;

beforeEach(async () => {
  from = openMemoryStage();
  to = openMemoryStage();
  source = { name: 'dev', registry: from.registry, artifacts: from.artifacts };
  target = { name: 'prod', artifacts: to.artifacts, invoke: (folder, payload) => to.functions[folder](payload) };
  const files = new Map([
    ['model.onnx', bytes('the model')],
    ['signature.json', bytes('{}')],
  ]);
  const placed = await placeModel(from.artifacts, { model: 'toy', runId: 'run-1', files });
  prefix = placed.artifactPrefix;
  const registration = {
    owner: 'ann',
    principal: 'ann',
    metrics: { loss: 0.4 },
    trainedThroughMs: 5,
    registeredAtMs: 6,
  };
  const datasetSnapshot = createHash('sha256').update('data').digest('hex');
  await from.registry.registerVersion(
    { model: 'toy', runId: 'run-1', ...placed, ...registration, datasetSnapshot },
    DEADLINE_MS,
  );
  await from.registry.decideVersion({ model: 'toy', version: 1, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 6 });
});

const promote = () => promoteVersion({ model: 'toy', version: 1 }, source, target);
const tamper = (stage: typeof from, file: string, text = 'other bytes') =>
  stage.artifacts.put(`${prefix}${file}`, bytes(text));

it('brings an approved version to another stage with its bytes, numbers and origin, where a person is asked', async () => {
  expect(await promote()).toEqual({ version: 1, step: 'ask', fileCount: 3, sizeBytes: expect.any(Number) });

  const theirs = requirePackaged(await from.registry.getVersion('toy', 1), 'compared');
  expect(await to.registry.getVersion('toy', 1)).toMatchObject({
    status: 'PENDING_APPROVAL',
    modelDigest: theirs.modelDigest,
    manifestDigest: theirs.manifestDigest,
    metrics: { loss: 0.4 },
    origin: { stage: 'dev', version: 1 },
  });
  expect(await to.artifacts.get(`${prefix}model.onnx`)).toEqual(bytes('the model'));
  const { items: upstream } = await to.lineage.upstream({ kind: 'run', id: 'toy/promoted-dev-1' });
  expect(upstream.map((edge) => edge.upstream.id)).toContain('dev/toy@1');
  expect(to.events.published.map(({ type }) => type)).toEqual(['Model Version Registered', 'Approval Requested']);
});

it('gives the same version when it is done again', async () => {
  await promote();

  expect(await promote()).toMatchObject({ version: 1 });
});

it('lets the rules of the target approve', async () => {
  to = openMemoryStage('automatic');
  target = { ...target, artifacts: to.artifacts };

  expect(await promote()).toMatchObject({ step: 'approve' });
});

it('promotes only what is approved in its stage', async () => {
  const first = requirePackaged(await from.registry.getVersion('toy', 1), 'registered again');
  await from.registry.registerVersion({ ...first, runId: 'run-2', owner: 'ann', principal: 'ann' }, DEADLINE_MS);

  await expect(promoteVersion({ model: 'toy', version: 2 }, source, target)).rejects.toThrow(
    'toy@2 is PENDING_APPROVAL in dev: only what is approved there can be promoted',
  );
});

it.each(['model.onnx', 'signature.json', 'manifest.json'])(
  'refuses %s tampered with in the source, by name',
  async (file) => {
    await tamper(from, file);

    await expect(promote()).rejects.toThrow(
      new RegExp(`^dev: ${prefix}${file} has the digest [0-9a-f]{64}, .* says [0-9a-f]{64}$`),
    );
    expect(to.events.published).toEqual([]);
    await expect(to.registry.getVersion('toy', 1)).rejects.toMatchObject({ name: 'NotFoundError' });
  },
);

it('refuses a file that lies in the target already with other bytes', async () => {
  await tamper(to, 'signature.json');

  await expect(promote()).rejects.toThrow(new RegExp(`^prod: ${prefix}signature.json has the digest`));
});

it('has the target refuse bytes that change between the copy and the registration', async () => {
  const { invoke } = target;
  target = {
    ...target,
    invoke: async (folder, payload) => {
      await tamper(to, 'model.onnx');
      return invoke(folder, payload);
    },
  };

  await expect(promote()).rejects.toMatchObject({
    name: 'InvalidStateError',
    message: expect.stringMatching(/model\.onnx has the digest .*, its manifest says/),
  });
});
