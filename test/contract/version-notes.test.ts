import { afterAll, beforeAll, expect, it } from 'vitest';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createVersionComments } from '../../shared/adapters/dynamodb/version-notes.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
  const version = {
    model: 'toy',
    runId: 'run-1',
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
  await createModelRegistry(tables).registerVersion(version, 10_000);
});
afterAll(() => tables.stop());

const comment = (id: string, atMs: number) => ({ id, author: 'ann', atMs, text: `${id} said` });

it('comments stand in the order of their times, page by page, each id once', async () => {
  const comments = createVersionComments(tables);
  await comments.add('toy', 1, comment('second', 20));
  await comments.add('toy', 1, comment('first', 3));

  const again = await Promise.all([30, 31, 32].map((atMs) => comments.add('toy', 1, comment('third', atMs))));
  const { items, nextCursor = '' } = await comments.list('toy', 1, 2);
  const rest = await comments.list('toy', 1, 2, nextCursor);

  expect(new Set(again.map(({ atMs }) => atMs)).size).toBe(1);
  expect(items).toEqual([comment('first', 3), comment('second', 20)]);
  expect(rest).toEqual({ items: [again[0]] });
  expect(await comments.add('toy', 1, comment('first', 99))).toEqual(comment('first', 3));
});

it('comments are of versions that are registered', async () => {
  const comments = createVersionComments(tables);

  await expect(comments.add('toy', 2, comment('lost', 1))).rejects.toMatchObject({ name: 'NotFoundError' });
  await expect(comments.list('toy', 2, 5)).rejects.toMatchObject({ name: 'NotFoundError' });
  await expect(comments.list('toy', 1, 5, 'x')).rejects.toMatchObject({ name: 'InvalidRequestError' });
});
