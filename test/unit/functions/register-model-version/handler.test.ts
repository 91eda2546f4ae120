import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/register-model-version/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const DIGEST = 'd'.repeat(64);
const PREFIX = `models/toy/${DIGEST}/`;
const manifest = { schemaVersion: 1, model: 'toy', runId: 'run-1', modelDigest: DIGEST, files: {} };

const open = async (stored: object = manifest) => {
  const artifacts = createMemoryArtifactStore();
  const body = new TextEncoder().encode(JSON.stringify(stored));
  await artifacts.put(`${PREFIX}manifest.json`, body);
  const { registry, catalog } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const definitions = new Map([['toy', benchDefinition()]]);
  const input = {
    model: 'toy',
    runId: 'run-1',
    artifactPrefix: PREFIX,
    modelDigest: DIGEST,
    manifestDigest: createHash('sha256').update(body).digest('hex'),
    metrics: { holdoutLoss: 0.4 },
    trainedThroughMs: 5,
    snapshotId: 'e'.repeat(64),
  };
  return {
    handler: createHandler({ definitions, artifacts, registry, events, clock: { nowMs: () => 7 } }),
    catalog,
    events,
    input,
    registry,
  };
};

describe('register-model-version', () => {
  it('registers a run once and announces it each time', async () => {
    const { handler, events, input } = await open();

    expect(await handler(input)).toEqual({ version: 1 });
    expect(await handler(input)).toEqual({ version: 1 });

    expect(events.published).toHaveLength(2);
  });

  it('says of a new version what was submitted with it', async () => {
    const { handler, input, registry } = await open();

    await handler({ ...input, notes: { description: 'from the lab', tags: { team: 'lab' } } });

    expect(await registry.getVersion('toy', 1)).toMatchObject({ description: 'from the lab', tags: { team: 'lab' } });
  });

  it('packages the version that a client registered instead of making another, once', async () => {
    const { catalog, events, handler, input, registry } = await open();
    const by = { principal: 'ann', atMs: 3 };
    await catalog.createModel({ model: 'toy', description: '', tags: {} }, by);
    await catalog.createVersion('toy', { source: 's3://b/k', description: '', tags: {}, userId: 'ann' }, by);
    const client = { version: 1, registeredAtMs: 3 };

    for (const _ of [1, 2]) expect(await handler({ ...input, submittedBy: 'bob', client })).toEqual({ version: 1 });

    expect((await registry.listVersions('toy', 10)).items).toHaveLength(1);
    expect(await registry.getVersion('toy', 1)).toMatchObject({
      status: 'PENDING_APPROVAL',
      runId: 'run-1',
      submittedBy: 'ann',
      trackingRunId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(events.published).toHaveLength(2);
  });

  it.each([
    ['of another model', { ...manifest, model: 'other' }],
    ['of other bytes', { ...manifest, modelDigest: 'f'.repeat(64) }],
  ])('refuses a manifest %s', async (_what, stored) => {
    const { handler, input } = await open(stored);

    await expect(handler(input)).rejects.toMatchObject({ name: 'InvalidStateError' });
  });

  it('refuses a manifest that is not the one that was placed', async () => {
    const { handler, input } = await open();

    await expect(handler({ ...input, manifestDigest: '0'.repeat(64) })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
  });
});
