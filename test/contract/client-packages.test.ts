import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditReader } from '../../shared/adapters/dynamodb/audit-log.ts';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createModelCatalog } from '../../shared/adapters/dynamodb/model-catalog/model-catalog.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { itemReader } from '../../shared/adapters/dynamodb/table.ts';
import { readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import { modelVersionNode, runNode } from '../../shared/contracts/lineage.ts';
import { versionFault } from '../../shared/core/audit/index.ts';
import { notePackaging, PACKAGING_TAG, requireUnpackaged } from '../../shared/core/registry/index.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { ModelCatalog } from '../../shared/ports/model-catalog.ts';
import type { ModelRegistry, NewPackage } from '../../shared/ports/model-registry.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

/** A version that an MLflow client registered gets its package under the number that it has. */

interface Subject {
  readonly registry: ModelRegistry;
  readonly catalog: ModelCatalog;
  readonly lineage: LineageStore;
}

let tables: RegistryTables;
let ids = 0;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const subjects: Readonly<Record<string, () => Subject>> = {
  memory: createMemoryRegistry,
  'the embedded DynamoDB': () => ({
    registry: createModelRegistry(tables),
    catalog: createModelCatalog({
      ...tables,
      workspace: 'default',
      newId: () => String(++ids).padStart(32, '0'),
    }),
    lineage: createLineageStore(tables),
  }),
};

const BY = { principal: 'ann', atMs: 10 };
const DIGEST = 'a'.repeat(64);

const register = async ({ catalog }: Subject, model: string) => {
  await catalog.createModel({ model, description: '', tags: {} }, BY);
  const source = 'mlflow-artifacts:/0/r/artifacts/model';
  const about = { description: 'theirs', tags: { team: 'lab' }, userId: 'ann', runId: 'their-run' };
  return catalog.createVersion(model, { source, storageLocation: source, ...about }, BY);
};
const packageOf = (model: string, runId: string, change: Partial<NewPackage> = {}): NewPackage => ({
  model,
  version: 1,
  runId,
  owner: 'team',
  principal: 'workflow',
  atMs: 20,
  modelDigest: DIGEST,
  artifactPrefix: `models/${model}/${DIGEST}/`,
  manifestDigest: 'b'.repeat(64),
  metrics: { holdoutLoss: 0.4 },
  trainedThroughMs: 5,
  datasetSnapshot: `snapshot of ${model}`,
  trackingRunId: 'the-run',
  submittedBy: 'bob',
  tag: PACKAGING_TAG,
  ...change,
});
const admit = (standing: Parameters<typeof requireUnpackaged>[0]) => requireUnpackaged(standing, 10);

describe.each(Object.entries(subjects))('a client’s version on %s', (_where, open) => {
  it('gets its package in place and keeps its number, source and notes', async () => {
    const subject = open();
    await register(subject, 'place');

    await subject.registry.packageVersion(packageOf('place', 'run-1'), admit);

    const standing = await subject.registry.getVersion('place', 1);
    expect(standing).toMatchObject({
      version: 1,
      status: 'PENDING_APPROVAL',
      source: 'mlflow-artifacts:/0/r/artifacts/model',
      description: 'theirs',
      tags: { team: 'lab', [PACKAGING_TAG]: 'PACKAGED' },
      userId: 'ann',
      submittedBy: 'ann',
      trackingRunId: 'their-run',
      runId: 'run-1',
      modelDigest: DIGEST,
      registeredAtMs: 10,
      packaging: { state: 'PACKAGED', runId: 'run-1', atMs: 20 },
    });
    expect(standing).not.toHaveProperty('storageLocation');
    expect(await subject.registry.getModel('place')).toMatchObject({ packaged: true, owner: 'team', latestVersion: 1 });
    const { items } = await subject.lineage.upstream(modelVersionNode('place', 1));
    expect(items.map(({ upstream }) => upstream)).toEqual([runNode('place', 'run-1')]);
  });

  it('may be approved then, and its model is one of the rollouts’', async () => {
    const subject = open();
    await register(subject, 'served');
    await subject.registry.packageVersion(packageOf('served', 'run-1'), admit);

    const decision = { model: 'served', version: 1, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 30 } as const;
    expect(await subject.registry.decideVersion(decision)).toMatchObject({ status: 'APPROVED' });
    await expect(subject.catalog.renameModel('served', 'other', BY)).rejects.toMatchObject({
      name: 'InvalidRequestError',
    });
  });

  it('has one package however many runs bring it at once, and says so to one with other bytes', async () => {
    const subject = open();
    await register(subject, 'race');

    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => subject.registry.packageVersion(packageOf('race', `run-${i}`), admit)),
    );

    expect(new Set(results.map(({ runId }) => runId)).size).toBe(1);
    const other = packageOf('race', 'late', { modelDigest: 'c'.repeat(64) });
    await expect(subject.registry.packageVersion(other, admit)).rejects.toMatchObject({ name: 'InvalidStateError' });
    const { items } = await subject.lineage.upstream(modelVersionNode('race', 1));
    expect(items).toHaveLength(1);
  });

  it('is not brought back by its package once it was deleted, nor is another one in its place', async () => {
    const subject = open();
    await register(subject, 'gone');
    await subject.catalog.deleteVersion('gone', 1, BY);

    await expect(subject.registry.packageVersion(packageOf('gone', 'run-1'), admit)).rejects.toMatchObject({
      name: 'NotFoundError',
    });

    await subject.catalog.deleteModel('gone', BY);
    await subject.catalog.createModel({ model: 'gone', description: '', tags: {} }, { ...BY, atMs: 15 });
    await subject.catalog.createVersion('gone', { source: 's3://b/k', description: '', tags: {} }, { ...BY, atMs: 15 });
    await expect(subject.registry.packageVersion(packageOf('gone', 'run-1'), admit)).rejects.toThrow('another one');
    expect((await subject.registry.getVersion('gone', 1)).status).toBe('REFERENCED');
  });

  it('bears how its packaging stands, in its tag too, and what an older run says of it no more', async () => {
    const subject = open();
    await register(subject, 'noted');
    const note = (runId: string, state: 'PENDING' | 'REFUSED', atMs: number) =>
      subject.registry.notePackaging({ model: 'noted', version: 1, tag: PACKAGING_TAG, atMs }, (standing) =>
        notePackaging(standing, {
          registeredAtMs: 10,
          state,
          runId,
          atMs,
          ...(state === 'REFUSED' ? { reason: 'bad' } : {}),
        }),
      );

    await note('run-1', 'PENDING', 11);
    await note('run-2', 'PENDING', 12);
    await note('run-1', 'REFUSED', 13);
    const pending = await subject.registry.getVersion('noted', 1);
    await note('run-2', 'REFUSED', 14);
    const refused = await subject.registry.getVersion('noted', 1);

    expect(pending.packaging).toEqual({ state: 'PENDING', runId: 'run-2', atMs: 12 });
    expect(refused.packaging).toEqual({ state: 'REFUSED', runId: 'run-2', atMs: 14, reason: 'bad' });
    expect(refused.tags).toEqual({ team: 'lab', [PACKAGING_TAG]: 'REFUSED' });
    await subject.catalog.deleteVersion('noted', 1, BY);
    await note('run-2', 'REFUSED', 15);
    await expect(subject.registry.getVersion('noted', 1)).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});

it('puts the package on record, and how it came to it not', async () => {
  const subject = (subjects['the embedded DynamoDB'] as () => Subject)();
  await register(subject, 'record');
  const pending = { registeredAtMs: 10, state: 'PENDING', runId: 'run-1', atMs: 11 } as const;
  await subject.registry.notePackaging({ model: 'record', version: 1, tag: PACKAGING_TAG, atMs: 11 }, (standing) =>
    notePackaging(standing, pending),
  );
  await subject.registry.packageVersion(packageOf('record', 'run-1'), admit);
  await subject.registry.packageVersion(packageOf('record', 'run-1'), admit);

  const { items } = await createAuditReader(tables.client, tables.audit.table).listRecords('record', 10);
  const records = items.flatMap(({ record }) => (record === undefined ? [] : [record]));
  expect(records.map(({ action, principal }) => [action, principal])).toEqual([
    ['create model', 'ann'],
    ['register version', 'ann'],
    ['package version', 'workflow'],
  ]);
});

it('has a package that an endpoint finds by the model’s name, with the record that answers for it', async () => {
  const subject = (subjects['the embedded DynamoDB'] as () => Subject)();
  await register(subject, 'evident');
  await subject.registry.packageVersion(packageOf('evident', 'run-1'), admit);

  const readItem = itemReader(tables.client);
  const evidence = await readVersionEvidence({ ...tables, readItem, auditTable: tables.audit.table }, 'evident', 1);

  const pinned = {
    version: 1,
    modelDigest: DIGEST,
    manifestDigest: 'b'.repeat(64),
    artifactPrefix: `models/evident/${DIGEST}/`,
  };
  const digestOf = (text: string): string => hash('sha256', text);
  expect(evidence?.home).toMatch(/^home#default\//);
  expect(evidence?.record?.record?.action).toBe('package version');
  expect(versionFault('evident', pinned, evidence, digestOf)).toBeUndefined();
});
