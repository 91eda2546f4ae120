import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createShadowDays } from '../../shared/adapters/dynamodb/shadow-days.ts';
import { createMemoryShadowDays } from '../../shared/adapters/memory/shadow-days.ts';
import type { ShadowDay } from '../../shared/core/deployment/index.ts';
import type { ShadowDays } from '../../shared/ports/shadow-days.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const day = (at: string, change: Partial<ShadowDay> = {}): ShadowDay => ({
  model: 'toy',
  champion: 1,
  challenger: 2,
  day: at,
  rowCount: 3,
  scoredCount: 4,
  meanDifference: -0.25,
  sumOfSquares: 0.5,
  championLoss: 0.75,
  challengerLoss: 0.5,
  computedAtMs: 7,
  ...change,
});

const KINDS: readonly (readonly [string, () => ShadowDays])[] = [
  ['in memory', createMemoryShadowDays],
  ['on DynamoDB', () => createShadowDays({ client: tables.client, registryTable: tables.registryTable })],
];

describe.each(KINDS)('days of paired comparisons %s', (_, open) => {
  it('are told by pair, oldest first', async () => {
    const store = open();
    const [first, second] = [day('2001-02-18'), day('2001-02-19')];
    await store.putIfAbsent(second);
    await store.putIfAbsent(first);
    for (const change of [{ champion: 12 }, { challenger: 22 }, { model: 'toy-2' }])
      await store.putIfAbsent(day('2001-02-18', change));

    expect(await store.list({ model: 'toy', challenger: 2, champion: 1 })).toEqual([first, second]);
    expect(await store.list({ model: 'toy', challenger: 1, champion: 2 })).toEqual([]);
  });

  it('are written once: of many at once one is, and another’s figures change nothing', async () => {
    const store = open();
    const first = day('2001-03-01', { model: 'once' });
    expect(await store.putIfAbsent(first)).toBe(true);

    const written = await Promise.all([1, 2, 3].map((rowCount) => store.putIfAbsent({ ...first, rowCount })));

    expect(written).toEqual([false, false, false]);
    expect(await store.list({ model: 'once', challenger: 2, champion: 1 })).toEqual([first]);
  });
});
