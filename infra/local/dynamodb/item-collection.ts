import type { Item } from './attribute-value.ts';
import type { Engine } from './engine.ts';
import { type Input, optionalChoice } from './input.ts';
import { rowKeyOf } from './row-keys.ts';
import { isLocal, type TableRecord } from './table-schema.ts';

/**
 * Tables with local indexes tell how large the item collection of a partition key is. AWS ends it at 10 GB; here the
 * disk does.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ItemCollections
 */
const GIGABYTE = 2 ** 30;

interface Written {
  readonly table: TableRecord;
  readonly key: Item;
}

const bytesOf = (engine: Engine, { table, key }: Written): number => {
  const { partition } = rowKeyOf(key, table.keys);
  return [table, ...table.indexes.filter(isLocal)].reduce(
    (sum, { storageId }) => sum + engine.storage.rows(storageId).partitionBytes(partition),
    0,
  );
};

const describe = (engine: Engine, written: Written): object => {
  const { partition } = written.table.keys;
  const gigabytes = Math.floor(bytesOf(engine, written) / GIGABYTE);
  return {
    ItemCollectionKey: { [partition.name]: written.key[partition.name] },
    SizeEstimateRangeGB: [gigabytes, gigabytes + 1],
  };
};

const isAsked = (input: Input): boolean =>
  optionalChoice(input, 'ReturnItemCollectionMetrics', ['SIZE', 'NONE'] as const) === 'SIZE';

/** `{ ItemCollectionMetrics }` of one write, when it was asked for and the table has local indexes. */
export const collectionMetrics = (engine: Engine, input: Input, written: Written): object =>
  isAsked(input) && written.table.indexes.some(isLocal) ? { ItemCollectionMetrics: describe(engine, written) } : {};

/** The same of many writes, by table. */
export const collectionMetricsByTable = (engine: Engine, input: Input, all: readonly Written[]): object => {
  const local = isAsked(input) ? all.filter(({ table }) => table.indexes.some(isLocal)) : [];
  if (local.length === 0) return {};
  const byTable: Record<string, object[]> = {};
  const seen = new Set<string>();
  for (const written of local) {
    const name = JSON.stringify([written.table.name, written.key[written.table.keys.partition.name]]);
    if (seen.has(name)) continue;
    seen.add(name);
    byTable[written.table.name] = [...(byTable[written.table.name] ?? []), describe(engine, written)];
  }
  return { ItemCollectionMetrics: byTable };
};
