import { Buffer } from 'node:buffer';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/**
 * The rows of a table or of one of its indexes: an SQLite table ordered by encoded keys. `base` tells apart rows of an
 * index that share its keys; it is empty in a table's own rows.
 */
export interface RowKey {
  readonly partition: Buffer;
  readonly sort: Buffer;
  readonly base: Buffer;
}

export interface Row {
  /** The item (or its image in an index) as compact JSON. */
  readonly item: string;
  readonly bytes: number;
}

interface Bound {
  readonly value: Buffer;
  readonly inclusive: boolean;
}

export interface RowRange {
  /** One partition; without it, all that lie between `fromPartition` and `toPartition`. */
  readonly partition?: Buffer;
  readonly fromPartition?: Buffer;
  readonly toPartition?: Buffer;
  readonly lower?: Bound;
  readonly upper?: Bound;
  /** Starts behind this row. */
  readonly after?: RowKey;
  readonly descending?: boolean;
}

export interface RowStore {
  get(key: RowKey): Row | undefined;
  put(key: RowKey, row: Row): void;
  delete(key: RowKey): void;
  read(range: RowRange): Iterable<Row>;
  readKeyed(range: RowRange): Iterable<{ readonly key: RowKey; readonly row: Row }>;
  /** Bytes of all items of a partition. */
  partitionBytes(partition: Buffer): number;
  totals(): { readonly rowCount: number; readonly bytes: number };
}

export const createRows = (database: DatabaseSync, storageId: string): void => {
  database.exec(
    `CREATE TABLE "rows_${storageId}" (partition BLOB, sort BLOB, base BLOB, bytes INTEGER NOT NULL, item TEXT NOT NULL,
     PRIMARY KEY (partition, sort, base)) WITHOUT ROWID`,
  );
};

export const dropRows = (database: DatabaseSync, storageId: string): void => {
  database.exec(`DROP TABLE "rows_${storageId}"`);
};

/** Conditions and their parameters, in the order in which they stand. */
const conditionsOf = (range: RowRange): readonly (readonly [sql: string, ...parameters: SQLInputValue[]])[] => {
  const { partition, fromPartition, toPartition, lower, upper, after } = range;
  const beyond = range.descending === true ? '<' : '>';
  const conditions: [string, ...SQLInputValue[]][] = [];
  if (partition) conditions.push(['partition = ?', partition]);
  if (fromPartition) conditions.push(['partition >= ?', fromPartition]);
  if (toPartition) conditions.push(['partition < ?', toPartition]);
  if (lower) conditions.push([`sort ${lower.inclusive ? '>=' : '>'} ?`, lower.value]);
  if (upper) conditions.push([`sort ${upper.inclusive ? '<=' : '<'} ?`, upper.value]);
  if (after && partition) conditions.push([`(sort, base) ${beyond} (?, ?)`, after.sort, after.base]);
  else if (after) {
    conditions.push([`(partition, sort, base) ${beyond} (?, ?, ?)`, after.partition, after.sort, after.base]);
  }
  return conditions;
};

export const openRows = (database: DatabaseSync, storageId: string): RowStore => {
  const table = `"rows_${storageId}"`;
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const prepared = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  const whole = 'partition = ? AND sort = ? AND base = ?';
  const select = database.prepare(`SELECT item, bytes FROM ${table} WHERE ${whole}`);
  const upsert = database.prepare(
    `INSERT INTO ${table} (partition, sort, base, item, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET item = excluded.item, bytes = excluded.bytes`,
  );
  const remove = database.prepare(`DELETE FROM ${table} WHERE ${whole}`);
  const iterate = (columns: string, range: RowRange) => {
    const conditions = conditionsOf(range);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`;
    const direction = range.descending === true ? 'DESC' : 'ASC';
    const sql = `SELECT ${columns} FROM ${table} ${where}
      ORDER BY partition ${direction}, sort ${direction}, base ${direction}`;
    // A fresh statement while an outer loop still steps through the kept one would disturb it; pages are read whole
    // before anything else runs, so one statement a shape is enough.
    const parameters = conditions.flatMap(([, ...values]) => values);
    return statement(sql).iterate(...parameters);
  };
  return {
    get: ({ partition, sort, base }) => select.get(partition, sort, base) as unknown as Row | undefined,
    put: ({ partition, sort, base }, { item, bytes }) => void upsert.run(partition, sort, base, item, bytes),
    delete: ({ partition, sort, base }) => void remove.run(partition, sort, base),
    read: (range) => iterate('item, bytes', range) as unknown as Iterable<Row>,
    *readKeyed(range) {
      for (const row of iterate('partition, sort, base, item, bytes', range)) {
        const { item, bytes, partition, sort, base } = row as unknown as Row & RowKey;
        const key = { partition: Buffer.from(partition), sort: Buffer.from(sort), base: Buffer.from(base) };
        yield { key, row: { item, bytes } };
      }
    },
    partitionBytes: (partition) => {
      const row = statement(`SELECT coalesce(sum(bytes), 0) AS bytes FROM ${table} WHERE partition = ?`).get(partition);
      return Number(row?.bytes);
    },
    totals: () => {
      const row = statement(`SELECT count(*) AS rowCount, coalesce(sum(bytes), 0) AS bytes FROM ${table}`).get();
      return { rowCount: Number(row?.rowCount), bytes: Number(row?.bytes) };
    },
  };
};
