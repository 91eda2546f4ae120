import { Buffer } from 'node:buffer';
import type { FormerRow } from './history-store.ts';
import type { Row, RowKey, RowRange, RowStore } from './row-store.ts';

/** Reads a table or index as it was: the rows of now, with what changed since put back. */
export type RowReader = Pick<RowStore, 'get' | 'read'>;

const compareKeys = (left: RowKey, right: RowKey): number =>
  Buffer.compare(left.partition, right.partition) ||
  Buffer.compare(left.sort, right.sort) ||
  Buffer.compare(left.base, right.base);

/** One text per key: parts are led by their lengths, so that no two keys read alike. */
export const keyText = ({ partition, sort, base }: RowKey): string =>
  `${partition.length}.${sort.length}.${partition.toString('latin1')}${sort.toString('latin1')}${base.toString('latin1')}`;

const withinSort = (sort: Buffer, { lower, upper }: RowRange): boolean => {
  const above = lower === undefined ? 1 : Buffer.compare(sort, lower.value);
  const below = upper === undefined ? -1 : Buffer.compare(sort, upper.value);
  return (
    (above > 0 || (above === 0 && lower?.inclusive === true)) &&
    (below < 0 || (below === 0 && upper?.inclusive === true))
  );
};

const withinPartitions = (partition: Buffer, range: RowRange): boolean =>
  (range.partition === undefined || partition.equals(range.partition)) &&
  (range.fromPartition === undefined || Buffer.compare(partition, range.fromPartition) >= 0) &&
  (range.toPartition === undefined || Buffer.compare(partition, range.toPartition) < 0);

const isBeyond = (key: RowKey, { after, descending }: RowRange): boolean => {
  if (after === undefined) return true;
  const order = compareKeys(key, after);
  return descending === true ? order < 0 : order > 0;
};

/** Whether a row with this key is one that the range asks for. */
const isWithin = (key: RowKey, range: RowRange): boolean =>
  withinPartitions(key.partition, range) && withinSort(key.sort, range) && isBeyond(key, range);

/** @param former changes since the instant, oldest first: the first of each key tells what stood there then */
export const rowsAsTheyWere = (rows: RowStore, former: readonly FormerRow[]): RowReader => {
  if (former.length === 0) return rows;
  const byKey = new Map<string, FormerRow>();
  for (const one of former) {
    const text = keyText(one.key);
    if (!byKey.has(text)) byKey.set(text, one);
  }
  const sorted = [...byKey.values()].sort((left, right) => compareKeys(left.key, right.key));

  return {
    get: (key) => {
      const changed = byKey.get(keyText(key));
      return changed === undefined ? rows.get(key) : changed.before;
    },
    *read(range) {
      const pending = sorted.filter(({ key, before }) => before !== undefined && isWithin(key, range));
      if (range.descending === true) pending.reverse();
      const goesFirst = (one: FormerRow, key: RowKey): boolean =>
        range.descending === true ? compareKeys(one.key, key) > 0 : compareKeys(one.key, key) < 0;
      let next = 0;
      for (const { key, row } of rows.readKeyed(range)) {
        for (let one = pending[next]; one !== undefined && goesFirst(one, key); one = pending[next]) {
          next += 1;
          yield one.before as Row;
        }
        if (!byKey.has(keyText(key))) yield row;
      }
      for (const one of pending.slice(next)) yield one.before as Row;
    },
  };
};
