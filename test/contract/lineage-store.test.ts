import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import type { LineageEdge } from '../../shared/core/lineage/index.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const subjects: Readonly<Record<string, () => LineageStore>> = {
  memory: () => createMemoryRegistry().lineage,
  'the embedded DynamoDB': () => createLineageStore(tables),
};

const edge = (up: string, down: string, recordedAtMs = 1): LineageEdge => ({
  upstream: { kind: 'dataset', id: up },
  downstream: { kind: 'run', id: down },
  recordedAtMs,
});

describe.each(Object.entries(subjects))('lineage in %s', (_, open) => {
  it('finds an edge from both of its ends', async () => {
    const lineage = open();

    await lineage.record([edge('both', 'both/1')]);

    expect((await lineage.downstream({ kind: 'dataset', id: 'both' })).items).toEqual([edge('both', 'both/1')]);
    expect((await lineage.upstream({ kind: 'run', id: 'both/1' })).items).toEqual([edge('both', 'both/1')]);
    expect((await lineage.upstream({ kind: 'dataset', id: 'both' })).items).toEqual([]);
  });

  it('keeps the time at which an edge was first recorded', async () => {
    const lineage = open();

    await lineage.record([edge('again', 'again/1', 5)]);
    await lineage.record([edge('again', 'again/1', 9), edge('again', 'again/2', 9)]);

    const { items } = await lineage.downstream({ kind: 'dataset', id: 'again' });
    expect(items.map(({ recordedAtMs }) => recordedAtMs)).toEqual([5, 9]);
  });

  it('tells what was known at an instant', async () => {
    const lineage = open();
    await lineage.record([edge('at', 'at/1', 10), edge('at', 'at/2', 20), edge('at', 'at/3', 30)]);
    const knownAt = async (atMs: number) =>
      (await lineage.downstream({ kind: 'dataset', id: 'at' }, { atMs })).items.map(({ downstream }) => downstream.id);

    expect(await knownAt(9)).toEqual([]);
    expect(await knownAt(20)).toEqual(['at/1', 'at/2']);
    expect(await knownAt(31)).toEqual(['at/1', 'at/2', 'at/3']);
  });

  it('tells more edges than a page holds, page by page, each once', async () => {
    const lineage = open();
    for (let from = 0; from < 1_050; from += 50) {
      await lineage.record(
        Array.from({ length: 50 }, (_, i) => edge('wide', `wide/${1_000_000 + from + i}`, from + i)),
      );
    }
    const node = { kind: 'dataset', id: 'wide' } as const;

    const first = await lineage.downstream(node);
    const second = await lineage.downstream(node, { cursor: first.nextCursor ?? '' });
    const odd = await lineage.downstream(node, { limit: 7, atMs: 9 });

    expect(first.items).toHaveLength(1_000);
    expect(second.items).toHaveLength(50);
    expect(second.nextCursor).toBeUndefined();
    const ids = new Set([...first.items, ...second.items].map(({ downstream }) => downstream.id));
    expect(ids.size).toBe(1_050);
    expect(odd.items).toHaveLength(7);
    const rest = await lineage.downstream(node, { limit: 7, atMs: 9, cursor: odd.nextCursor ?? '' });
    expect(rest.items.map(({ recordedAtMs }) => recordedAtMs)).toEqual([7, 8, 9]);
  });

  it('refuses a cursor that it did not give out and a limit that no page has', async () => {
    const lineage = open();
    const node = { kind: 'dataset', id: 'cursor' } as const;

    await expect(lineage.upstream(node, { cursor: 'bm9uZQ' })).rejects.toThrow(/cursor is not one/);
    await expect(lineage.upstream(node, { limit: 1_001 })).rejects.toThrow(/limit must be an integer in \[1, 1000\]/);
  });

  it('records the same edges from many writers at once', async () => {
    const lineage = open();

    await Promise.all(
      Array.from({ length: 8 }, () => lineage.record([edge('many', 'many/1'), edge('many', 'many/2')])),
    );

    expect((await lineage.downstream({ kind: 'dataset', id: 'many' })).items).toHaveLength(2);
  });
});
