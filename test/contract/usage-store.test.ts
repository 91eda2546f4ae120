import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUsageStore } from '../../shared/adapters/dynamodb/usage-store.ts';
import { createMemoryUsageStore } from '../../shared/adapters/memory/usage-store.ts';
import type { UsageStore } from '../../shared/ports/usage-store.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const count = (day: string, version: number, client: string, requestCount = 1) => ({
  day,
  version,
  client,
  requestCount,
  rowCount: 3 * requestCount,
});
const NOVEMBER = { from: '2026-11-01', to: '2026-11-30' };

const KINDS: readonly (readonly [string, () => UsageStore])[] = [
  ['in memory', createMemoryUsageStore],
  ['on DynamoDB', () => createUsageStore({ client: tables.client, lineageTable: tables.lineageTable })],
];

describe.each(KINDS)('usage %s', (_, open) => {
  it('is told by day, version and client, of the days asked for', async () => {
    const store = open();
    const arn = 'arn:aws:sts::1:assumed-role/a#b';
    const counts = [
      count('2026-11-30', 12, 'key:a'),
      count('2026-11-01', 2, arn),
      count('2026-11-01', 10, 'key:a'),
      count('2026-11-01', 2, 'key:z'),
    ];
    await store.raise('toy', [...counts, count('2026-10-31', 1, 'key:a'), count('2026-12-01', 1, 'key:a')]);
    await store.raise('other', [count('2026-11-02', 1, 'key:a')]);

    const { items } = await store.list('toy', NOVEMBER, { limit: 1_000 });

    expect(items).toEqual([counts[1], counts[3], counts[2], counts[0]]);
  });

  it('is raised only: what saw less changes nothing, and twice is once', async () => {
    const store = open();
    for (const requestCount of [5, 3, 5, 7, 6])
      await store.raise('rise', [count('2026-11-01', 1, 'key:a', requestCount)]);

    expect((await store.list('rise', NOVEMBER, { limit: 10 })).items).toEqual([count('2026-11-01', 1, 'key:a', 7)]);
  });

  it('comes in pages', async () => {
    const store = open();
    const counts = Array.from({ length: 5 }, (__, i) => count(`2026-11-0${i + 1}`, 1, 'key:a'));
    await store.raise('pages', counts);

    const first = await store.list('pages', NOVEMBER, { limit: 3 });
    const rest = await store.list('pages', NOVEMBER, { limit: 3, cursor: first.nextCursor });

    expect([first.items, rest]).toEqual([counts.slice(0, 3), { items: counts.slice(3) }]);
    await expect(store.list('pages', NOVEMBER, { limit: 0 })).rejects.toThrow('limit must be an integer in [1, 1000]');
    await expect(store.list('pages', NOVEMBER, { limit: 1, cursor: 'eA' })).rejects.toThrow('cursor is not one');
  });

  it('keeps until when a model is counted', async () => {
    const store = open();

    expect(await store.countedUntilMs('kept')).toBeUndefined();
    await store.setCountedUntil('kept', 5);
    await store.setCountedUntil('kept', 7);
    expect([await store.countedUntilMs('kept'), (await store.list('kept', NOVEMBER, { limit: 1 })).items]).toEqual([
      7,
      [],
    ]);
  });
});
