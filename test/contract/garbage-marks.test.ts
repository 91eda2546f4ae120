import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGarbageMarks } from '../../shared/adapters/dynamodb/garbage-marks.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

it('marks of garbage keep the time of the first, until they are taken away', async () => {
  const marks = createGarbageMarks(tables.client, tables.registryTable);

  await marks.mark({ prefix: 'models/toy/b/', markedAtMs: 5 });
  await marks.mark({ prefix: 'models/toy/b/', markedAtMs: 9 });
  await marks.mark({ prefix: 'models/toy/a/', markedAtMs: 7 });

  expect(await marks.list()).toEqual([
    { prefix: 'models/toy/a/', markedAtMs: 7 },
    { prefix: 'models/toy/b/', markedAtMs: 5 },
  ]);
  await marks.unmark('models/toy/b/');
  await marks.unmark('models/toy/b/');
  expect(await marks.list()).toEqual([{ prefix: 'models/toy/a/', markedAtMs: 7 }]);
});
