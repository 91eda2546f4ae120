import { Buffer } from 'node:buffer';
import type { AttributeValue, Item } from './attribute-value.ts';
import { encodePartition, encodeScalar } from './key-encoding.ts';
import type { RowKey } from './row-store.ts';
import type { KeySchema } from './table-schema.ts';

const NO_BYTES = Buffer.alloc(0);

const sortBytes = (item: Item, { sort }: KeySchema): Buffer =>
  sort === undefined ? NO_BYTES : encodeScalar(item[sort.name] as AttributeValue);

export const rowKeyOf = (item: Item, keys: KeySchema): RowKey => ({
  partition: encodePartition(item[keys.partition.name] as AttributeValue),
  sort: sortBytes(item, keys),
  base: NO_BYTES,
});

/** Key of an index's row: the index's keys, then the item's own, each part led by its length. */
export const indexRowKeyOf = (item: Item, indexKeys: KeySchema, tableKeys: KeySchema): RowKey => {
  const own = rowKeyOf(item, tableKeys);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(own.partition.length, 0);
  return { ...rowKeyOf(item, indexKeys), base: Buffer.concat([length, own.partition, own.sort]) };
};
