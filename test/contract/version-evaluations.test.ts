import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuditReader } from '../../shared/adapters/dynamodb/audit-log.ts';
import { createVersionEvaluations } from '../../shared/adapters/dynamodb/evaluations.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
  const registry = createModelRegistry(tables);
  for (const runId of ['run-1', 'run-2']) {
    const version = {
      model: 'toy',
      runId,
      owner: 'ann',
      principal: 'workflow:train-toy',
      modelDigest: 'd',
      artifactPrefix: 'models/toy/d/',
      manifestDigest: 'm',
      metrics: {},
      trainedThroughMs: 1,
      datasetSnapshot: 's',
      registeredAtMs: 1,
    };
    await registry.registerVersion(version, 10_000);
  }
});
afterAll(() => tables.stop());

const score = (version: number, dataset: string, loss: number, atMs = 5) => ({
  version,
  dataset,
  metrics: { loss },
  atMs,
  by: 'ann',
});

it('a score stands until another takes its place, each on record once', async () => {
  const evaluations = createVersionEvaluations(tables);

  await evaluations.put('toy', score(1, 'winter', 0.5));
  const again = await evaluations.put('toy', score(1, 'winter', 0.5, 9));
  await evaluations.put('toy', score(2, 'winter', 0.75));
  await evaluations.put('toy', score(2, 'summer', 0.25));
  await evaluations.put('toy', score(2, 'summer', 0.125, 6));

  expect(again).toEqual(score(1, 'winter', 0.5));
  expect(await evaluations.list('toy', 2)).toEqual([score(2, 'summer', 0.125, 6), score(2, 'winter', 0.75)]);
  expect(await evaluations.list('toy')).toHaveLength(3);
  expect(await evaluations.list('other')).toEqual([]);
  const { items } = await createAuditReader(tables.client, tables.audit.table).listRecords('toy', 20);
  const records = items.flatMap(({ record }) => (record?.action === 'evaluate version' ? [record] : []));
  expect(records.map(({ before, after }) => [before?.metrics, after?.metrics])).toEqual([
    [undefined, { loss: 0.5 }],
    [undefined, { loss: 0.75 }],
    [undefined, { loss: 0.25 }],
    [{ loss: 0.25 }, { loss: 0.125 }],
  ]);
});

it('of scores put at once each is on record, and says which it took the place of', async () => {
  const evaluations = createVersionEvaluations(tables);
  const losses = [0.1, 0.2, 0.3, 0.4];

  await Promise.all(losses.map((loss) => evaluations.put('toy', score(1, 'autumn', loss))));

  const { items } = await createAuditReader(tables.client, tables.audit.table).listRecords('toy', 40);
  const records = items.flatMap(({ record }) => (record?.after?.dataset === 'autumn' ? [record] : []));
  const [stands] = (await evaluations.list('toy', 1)).filter(({ dataset }) => dataset === 'autumn');
  const taken = records.map(({ after }) => after?.metrics);
  expect(new Set(taken.map((metrics) => JSON.stringify(metrics))).size).toBe(losses.length);
  expect(records.map(({ before }) => before?.metrics)).toEqual([undefined, ...taken.slice(0, -1)]);
  expect(stands?.metrics).toEqual(taken.at(-1));
});

it('a version that is not registered has none', async () => {
  const evaluations = createVersionEvaluations(tables);

  await expect(evaluations.put('toy', score(9, 'winter', 1))).rejects.toMatchObject({ name: 'NotFoundError' });
  expect(await evaluations.list('toy', 9)).toEqual([]);
});
