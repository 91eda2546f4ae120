import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModelCatalog } from '../../shared/adapters/dynamodb/model-catalog/model-catalog.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import type { ModelCatalog } from '../../shared/ports/model-catalog.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

interface Subject {
  readonly catalog: ModelCatalog;
  readonly registry: ModelRegistry;
}

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

type Item = Record<string, AttributeValue>;
/** The registry's items as release 0.1.0 wrote them. */
const OLD_ITEMS = join(import.meta.dirname, '../reference/releases/0.1.0/registry-items.json');

const newId = (): string => randomBytes(16).toString('hex');
const catalogOf = (workspace: string): ModelCatalog => createModelCatalog({ ...tables, workspace, newId });

const subjects: Readonly<Record<string, () => Subject>> = {
  memory: () => createMemoryRegistry(),
  'the embedded DynamoDB': () => ({ catalog: catalogOf('default'), registry: createModelRegistry(tables) }),
};

/** Parallel writers; the whole storm takes a minute. */
const CROWD = Number(process.env.REGISTRY_CROWD ?? 12);
const ann = (atMs: number) => ({ principal: 'ann', atMs });
const about = { description: '', tags: {} };
const version = (source = 's3://bucket/model') => ({ source, ...about });
const DEADLINE_MS = 60_000;

const registration = (model: string, runId: string) => ({
  model,
  runId,
  owner: 'owner',
  principal: 'workflow:train',
  modelDigest: 'a'.repeat(64),
  artifactPrefix: `models/${model}/${'a'.repeat(64)}/`,
  manifestDigest: 'b'.repeat(64),
  metrics: {},
  trainedThroughMs: 1_000,
  datasetSnapshot: 'snapshot',
  registeredAtMs: 2_000,
});

/** A version of a pipeline that serves. */
const deploy = async (registry: ModelRegistry, model: string): Promise<void> => {
  await registry.registerVersion(registration(model, 'run-1'), DEADLINE_MS);
  await registry.decideVersion({ model, version: 1, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 5 });
  const rolloutId = `rollout-${model}`;
  const previousLambdaVersion = '1';
  await registry.startRollout({ model, rolloutId, kind: 'model', version: 1, startedAtMs: 10, previousLambdaVersion });
  const served = { lambdaVersion: '2', codeSha256: 'c', rolloutId, promotedAtMs: 30 };
  await registry.endRollout({
    model,
    rolloutId,
    status: 'PROMOTED',
    endedAtMs: 30,
    principal: 'workflow:canary-rollout',
    deployment: { model, version: 1, ...served },
  });
};

const refused = (name: string, message: RegExp) => ({ name, message: expect.stringMatching(message) });

describe.each(Object.entries(subjects))('the catalog on %s', (_where, open) => {
  it('creates a model once and gives it back whole', async () => {
    const { catalog } = open();
    const model = { model: 'Fraud / v%2', description: 'finds fraud', tags: { team: 'risk', __proto__x: '' } };

    const created = await catalog.createModel(model, ann(1));

    expect(created).toMatchObject({ ...model, owner: 'ann', latestVersion: 0, createdAtMs: 1, updatedAtMs: 1 });
    expect(await catalog.getModel('Fraud / v%2')).toEqual(created);
    await expect(catalog.createModel(model, ann(2))).rejects.toMatchObject(
      refused('AlreadyExistsError', /^Registered Model \(name=Fraud \/ v%2\) already exists\.$/),
    );
    await expect(catalog.getModel('none')).rejects.toMatchObject(
      refused('NotFoundError', /^Registered Model with name=none not found$/),
    );
  });

  it('keeps tags of any length and number, and tells them from each other', async () => {
    const { catalog } = open();
    const long = 'é'.repeat(100_000);
    const many = Object.fromEntries(Array.from({ length: 62 }, (_, index) => [`k${index}`, 'v'.repeat(990)]));
    await catalog.createModel({ model: 'tags', description: '', tags: { long, short: 'x', ...many } }, ann(1));
    await catalog.createVersion('tags', { ...version(), tags: { prompt: long } }, ann(1));

    for (let index = 62; index < 70; index += 1) {
      await catalog.setModelTag('tags', `k${index}`, 'v'.repeat(990), ann(2));
    }
    await catalog.setModelTag('tags', 'short', long, ann(3));
    await catalog.setModelTag('tags', 'long', 'now short', ann(3));
    await catalog.setModelTag('tags', 'k3', undefined, ann(3));
    await catalog.setVersionTag('tags', 1, 'more', 'y', ann(4));

    const { tags, updatedAtMs } = await catalog.getModel('tags');
    expect(Object.keys(tags)).toHaveLength(71);
    expect(tags).toMatchObject({ short: long, long: 'now short', k69: 'v'.repeat(990) });
    expect(tags).not.toHaveProperty('k3');
    expect(updatedAtMs).toBe(4);
    expect((await catalog.getVersion('tags', 1)).tags).toEqual({ prompt: long, more: 'y' });
    expect((await catalog.listVersions('tags'))[0]?.tags).toEqual({ prompt: long, more: 'y' });
    const [listed] = await catalog.listModels((name) => name === 'tags');
    expect(listed?.tags).toEqual(tags);
    await catalog.setVersionTag('tags', 1, 'prompt', undefined, ann(5));
    expect((await catalog.getVersion('tags', 1)).tags).toEqual({ more: 'y' });
  });

  it('numbers versions from 1, never again a deleted one, and from 1 in a model created anew', async () => {
    const { catalog } = open();
    await catalog.createModel({ model: 'numbers', ...about }, ann(1));
    for (const atMs of [2, 3]) await catalog.createVersion('numbers', version(), ann(atMs));
    await catalog.setAlias('numbers', 'gold', 2, ann(4));

    await catalog.deleteVersion('numbers', 2, ann(5));
    const third = await catalog.createVersion('numbers', version(), ann(6));

    expect(third).toMatchObject({ version: 3, status: 'REFERENCED', registeredAtMs: 6 });
    expect(await catalog.getModel('numbers')).toMatchObject({ aliases: {}, latestVersion: 3, updatedAtMs: 6 });
    await expect(catalog.getVersion('numbers', 2)).rejects.toMatchObject(
      refused('NotFoundError', /^Model Version \(name=numbers, version=2\) not found$/),
    );
    await catalog.deleteModel('numbers', ann(7));
    expect(await catalog.listVersions('numbers')).toEqual([]);
    await expect(catalog.deleteModel('numbers', ann(8))).rejects.toMatchObject({ name: 'NotFoundError' });
    await catalog.createModel({ model: 'numbers', ...about }, ann(9));
    expect(await catalog.getModel('numbers')).toMatchObject({ latestVersion: 0, aliases: {} });
    expect((await catalog.createVersion('numbers', version(), ann(10))).version).toBe(1);
    expect(await catalog.listVersions('numbers')).toHaveLength(1);
  });

  it('gives every one of many registrations at once its number', async () => {
    const { catalog } = open();
    await catalog.createModel({ model: 'crowd', ...about }, ann(1));

    const versions = await Promise.all(
      Array.from({ length: CROWD }, () => catalog.createVersion('crowd', version(), ann(2))),
    );

    const numbers = versions.map((one) => one.version).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: CROWD }, (_, index) => index + 1));
    expect((await catalog.getModel('crowd')).latestByStage).toEqual({ None: CROWD });
  }, 90_000);

  it('has an alias at one version in the end, however many move it', async () => {
    const { catalog } = open();
    await catalog.createModel({ model: 'movers', ...about }, ann(1));
    for (const atMs of [2, 3, 4]) await catalog.createVersion('movers', version(), ann(atMs));

    await Promise.all(
      Array.from({ length: CROWD }, (_, index) => catalog.setAlias('movers', 'best', (index % 3) + 1, ann(5))),
    );

    const { aliases } = await catalog.getModel('movers');
    expect(Object.keys(aliases)).toEqual(['best']);
    expect([1, 2, 3]).toContain(aliases.best);
  }, 90_000);

  it('sets, moves and takes away aliases, each at a version that exists', async () => {
    const { catalog } = open();
    await catalog.createModel({ model: 'alias', ...about }, ann(1));
    for (const atMs of [2, 3]) await catalog.createVersion('alias', version(), ann(atMs));

    await catalog.setAlias('alias', 'a', 1, ann(4));
    await catalog.setAlias('alias', 'b', 1, ann(5));
    await catalog.setAlias('alias', 'a', 2, ann(6));
    await catalog.setAlias('alias', 'champion', 2, ann(7));
    await catalog.setAlias('alias', 'b', undefined, ann(8));
    await catalog.setAlias('alias', 'b', undefined, ann(9));

    expect(await catalog.getModel('alias')).toMatchObject({ aliases: { a: 2, champion: 2 }, updatedAtMs: 8 });
    await expect(catalog.setAlias('alias', 'a', 9, ann(9))).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(catalog.setAlias('none', 'a', 1, ann(9))).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('renames a model with its versions, aliases and tags', async () => {
    const { catalog } = open();
    const long = 'l'.repeat(5_000);
    await catalog.createModel({ model: 'before', description: 'd', tags: { long, t: '1' } }, ann(1));
    await catalog.createModel({ model: 'taken', ...about }, ann(1));
    await catalog.createVersion('before', { ...version(), tags: { long } }, ann(2));
    await catalog.setAlias('before', 'a', 1, ann(3));

    await catalog.renameModel('before', 'after', ann(4));

    expect(await catalog.getModel('after')).toMatchObject({
      model: 'after',
      description: 'd',
      tags: { long, t: '1' },
      aliases: { a: 1 },
      latestVersion: 1,
      createdAtMs: 1,
      updatedAtMs: 4,
    });
    expect(await catalog.getVersion('after', 1)).toMatchObject({ model: 'after', version: 1, tags: { long } });
    await expect(catalog.getModel('before')).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(catalog.renameModel('after', 'taken', ann(5))).rejects.toMatchObject({ name: 'AlreadyExistsError' });
    const names = (await catalog.listModels()).map(({ model }) => model);
    expect(names).toContain('after');
    expect(names).not.toContain('before');
    await catalog.createModel({ model: 'before', ...about }, ann(6));
    expect(await catalog.listVersions('before')).toEqual([]);
  });

  it('knows the latest version of each stage, whatever moved or went', async () => {
    const { catalog } = open();
    await catalog.createModel({ model: 'stages', ...about }, ann(1));
    for (const atMs of [2, 3, 4, 5]) await catalog.createVersion('stages', version(), ann(atMs));
    const latest = async () => (await catalog.getModel('stages')).latestByStage;

    await catalog.setStage('stages', 1, { stage: 'Production', archiveOthers: false }, ann(6));
    await catalog.setStage('stages', 4, { stage: 'Production', archiveOthers: false }, ann(7));
    expect(await latest()).toEqual({ None: 3, Production: 4 });
    const moved = await catalog.setStage('stages', 2, { stage: 'Production', archiveOthers: true }, ann(8));
    expect(moved).toMatchObject({ version: 2, stage: 'Production', updatedAtMs: 8 });
    expect(await latest()).toEqual({ None: 3, Production: 2, Archived: 4 });
    await catalog.deleteVersion('stages', 4, ann(9));
    expect(await latest()).toEqual({ None: 3, Production: 2, Archived: 1 });
    const model = await catalog.getModel('stages');
    const versions = (await catalog.latestVersions([model])).get('stages');
    expect(versions?.map((one) => [one.version, one.stage])).toEqual([
      [1, 'Archived'],
      [2, 'Production'],
      [3, 'None'],
    ]);
  });

  it('describes models and versions', async () => {
    const { catalog } = open();
    await catalog.createModel({ model: 'words', ...about }, ann(1));
    await catalog.createVersion('words', { ...version(), runId: 'r', runLink: 'l', modelId: 'm', userId: 'u' }, ann(2));

    await catalog.describeModel('words', 'all about it', ann(3));
    const described = await catalog.describeVersion('words', 1, 'this one', ann(4));
    await catalog.setModelTag('words', 'never there', undefined, ann(99));

    expect(described).toEqual({
      model: 'words',
      version: 1,
      status: 'REFERENCED',
      stage: 'None',
      source: 's3://bucket/model',
      description: 'this one',
      tags: {},
      runId: 'r',
      runLink: 'l',
      modelId: 'm',
      userId: 'u',
      registeredAtMs: 2,
      updatedAtMs: 4,
    });
    expect(await catalog.getVersion('words', 1)).toEqual(described);
    expect(await catalog.getModel('words')).toMatchObject({ description: 'all about it', updatedAtMs: 4 });
  });

  it('shows what pipelines register, and counts on where a client began', async () => {
    const { catalog, registry } = open();
    await catalog.createModel({ model: 'shared', description: 'mine', tags: { a: 'b' } }, ann(1));
    await catalog.createVersion('shared', version(), ann(2));

    const registered = await registry.registerVersion(registration('shared', 'run-1'), DEADLINE_MS);
    const again = await registry.registerVersion(registration('shared', 'run-1'), DEADLINE_MS);
    await catalog.setVersionTag('shared', 2, 'seen', 'yes', ann(3_000));

    expect([registered.version, again.version]).toEqual([2, 2]);
    expect(await catalog.getModel('shared')).toMatchObject({ description: 'mine', latestVersion: 2, packaged: true });
    const seen = await catalog.getVersion('shared', 2);
    expect(seen).toMatchObject({ source: `mlflow-artifacts:/models/shared/${'a'.repeat(64)}`, tags: { seen: 'yes' } });
    expect(await registry.getVersion('shared', 2)).toEqual(seen);
    expect((await registry.listVersions('shared', 10)).items.map((one) => one.version)).toEqual([2, 1]);
    const decision = { model: 'shared', status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 5 } as const;
    await expect(registry.decideVersion({ ...decision, version: 1 })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    expect(await registry.decideVersion({ ...decision, version: 2 })).toMatchObject({ status: 'APPROVED' });
    const point = { model: 'shared', alias: 'challenger', principal: 'p', atMs: 1 } as const;
    await registry.setAlias({ ...point, version: 2 });
    await expect(registry.setAlias({ ...point, version: 1 })).rejects.toMatchObject({ name: 'InvalidStateError' });
  });

  it('leaves to rollouts what they rely on', async () => {
    const { catalog, registry } = open();
    await deploy(registry, 'served');
    await catalog.createVersion('served', version(), ann(40));

    await expect(catalog.setAlias('served', 'champion', 2, ann(41))).rejects.toMatchObject(
      refused('InvalidRequestError', /a rollout moves it/),
    );
    await expect(catalog.setAlias('served', 'challenger', undefined, ann(41))).rejects.toMatchObject(
      refused('InvalidRequestError', /a rollout moves it/),
    );
    await expect(catalog.renameModel('served', 'other', ann(41))).rejects.toMatchObject(
      refused('InvalidRequestError', /cannot be renamed/),
    );
    await expect(catalog.deleteModel('served', ann(41))).rejects.toMatchObject(
      refused('InvalidRequestError', /cannot be deleted/),
    );
    await expect(catalog.deleteVersion('served', 1, ann(41))).rejects.toMatchObject(
      refused('InvalidRequestError', /serves/),
    );
    const rollout = { model: 'served', rolloutId: 'next', kind: 'model', version: 1, startedAtMs: 50 } as const;
    await registry.startRollout({ ...rollout, previousLambdaVersion: '2' });
    await expect(catalog.deleteVersion('served', 2, ann(51))).rejects.toMatchObject(
      refused('InvalidRequestError', /rollout next .* runs/),
    );
    const end = { model: 'served', rolloutId: 'next', status: 'FAILED', endedAtMs: 60 } as const;
    await registry.endRollout({ ...end, principal: 'p' });
    await catalog.setAlias('served', 'mine', 2, ann(61));
    await catalog.deleteVersion('served', 2, ann(62));
    expect((await catalog.getModel('served')).aliases).toEqual({ champion: 1 });
  });
});

describe('the catalog on the embedded DynamoDB', () => {
  it('keeps workspaces apart, whatever their models are called', async () => {
    const [own, other] = [catalogOf('default'), catalogOf('team')];
    await own.createModel({ model: 'team/same', description: 'own', tags: {} }, ann(1));

    await other.createModel({ model: 'same', description: 'other', tags: {} }, ann(1));
    await other.createVersion('same', version(), ann(2));

    expect((await own.getModel('team/same')).description).toBe('own');
    expect(await own.listVersions('team/same')).toEqual([]);
    expect((await other.listModels()).map(({ model }) => model)).toEqual(['same']);
    expect((await own.listModels()).map(({ description }) => description)).not.toContain('other');
  });

  it('shows what an earlier release wrote, and writes on', async () => {
    const items: readonly Item[] = JSON.parse(readFileSync(OLD_ITEMS, 'utf8'));
    for (const Item of items) await tables.client.send(new PutItemCommand({ TableName: tables.registryTable, Item }));
    const catalog = catalogOf('default');

    const [kept] = await catalog.listModels((name) => name === 'kept');
    expect(kept).toMatchObject({ model: 'kept', packaged: true, tags: {}, latestByStage: { None: 2 } });
    await catalog.setModelTag('kept', 'a', 'b', ann(5));
    await catalog.setVersionTag('kept', 1, 'c', 'd', ann(6));
    await catalog.setStage('kept', 2, { stage: 'Staging', archiveOthers: false }, ann(7));
    await catalog.setAlias('kept', 'mine', 2, ann(8));

    expect(await catalog.getModel('kept')).toMatchObject({
      tags: { a: 'b' },
      aliases: { champion: 1, mine: 2 },
      latestByStage: { None: 1, Staging: 2 },
      packaged: true,
    });
    expect(await catalog.getVersion('kept', 1)).toMatchObject({ tags: { c: 'd' }, stage: 'None' });
    await expect(catalog.deleteModel('kept', ann(9))).rejects.toMatchObject({ name: 'InvalidRequestError' });
    await catalog.createVersion('kept', version(), ann(10));
    expect((await catalog.getModel('kept')).latestByStage).toEqual({ None: 3, Staging: 2 });
  });

  it('knows the latest version of a model of an earlier release from which one was deleted', async () => {
    const items = JSON.parse(readFileSync(OLD_ITEMS, 'utf8')) as readonly Item[];
    for (const item of items.filter(({ sk }) => sk?.S === 'model' || sk?.S?.startsWith('version#'))) {
      const Item = JSON.parse(
        JSON.stringify(item).replaceAll('"kept"', '"older"').replace('model#kept', 'model#older'),
      );
      await tables.client.send(new PutItemCommand({ TableName: tables.registryTable, Item }));
    }
    const catalog = catalogOf('default');

    await catalog.deleteVersion('older', 1, ann(5));

    expect((await catalog.getModel('older')).latestByStage).toEqual({ None: 2 });
    await catalog.deleteVersion('older', 2, ann(6));
    expect((await catalog.getModel('older')).latestByStage).toEqual({});
  });

  it('leaves nothing of a deleted model behind, however large it was', async () => {
    const catalog = catalogOf('sweep');
    await catalog.createModel({ model: 'large', ...about }, ann(1));
    const { home } = await catalog.getModel('large');
    const tags = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`t${index}`, 'x'.repeat(2_000)]));
    for (let index = 0; index < 12; index += 1) await catalog.createVersion('large', { ...version(), tags }, ann(2));

    await catalog.renameModel('large', 'renamed', ann(3));
    await catalog.deleteModel('renamed', ann(4));

    const left = async (pk: string | undefined) => {
      const values = { ':pk': { S: pk ?? '' } };
      const query = { TableName: tables.registryTable, KeyConditionExpression: 'pk = :pk' };
      return (await tables.client.send(new QueryCommand({ ...query, ExpressionAttributeValues: values }))).Count;
    };
    expect(home).toMatch(/^home#sweep\//);
    expect([await left(home), await left('removed#sweep'), await left('models#sweep')]).toEqual([0, 0, 0]);
  });
});
