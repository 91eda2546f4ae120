import type { AuditRecord, ChainHead, StoredRecord, VersionStatement } from '../../core/audit/index.ts';
import type { StoredHead } from '../../ports/audit-log.ts';
import { fromItem, type Item } from './attribute-value.ts';
import { headKey, recordKey, seqOfSortKey, versionMarkerKey } from './audit-keys.ts';
import { encodeEntity } from './entity.ts';

/**
 * Records and heads as items. Reading is strict to the letter: an item that would be written in any other way than it
 * is stored, be it by one digit or one attribute, is of no record's form.
 */

/** Stored as the JSON text that is hashed when it is read: DynamoDB's numbers would come back written differently. */
const JSON_FIELDS = ['before', 'after', 'version'] as const;

const mapJson = (fields: object, change: (value: unknown) => unknown): object => ({
  ...fields,
  ...Object.fromEntries(
    JSON_FIELDS.flatMap((name) => {
      const value = (fields as Readonly<Record<string, unknown>>)[name];
      return value === undefined ? [] : [[name, change(value)]];
    }),
  ),
});

export const encodeRecord = (record: AuditRecord): Item =>
  encodeEntity('AuditRecord', recordKey(record.model, record.seq), mapJson(record, JSON.stringify));

/** Where the newest record about a version stands. A pointer: what counts is the record. */
export const encodeVersionMarker = (version: VersionStatement, { model, seq }: ChainHead): Item =>
  encodeEntity('AuditVersionMarker', versionMarkerKey(version.home, version.number), { model, seq });

export const encodeHead = (head: ChainHead): Item => encodeEntity('AuditHead', headKey(head.model), head);

/**
 * Of two values of JSON. (`isDeepStrictEqual` of node:util loads a module at its first call, for which a cold start of
 * the inference function would wait.)
 */
const isSame = (a: unknown, b: unknown): boolean => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const others = new Map<string, unknown>(Object.entries(b));
  const fields = Object.entries(a);
  if (Array.isArray(a) !== Array.isArray(b) || fields.length !== others.size) return false;
  return fields.every(([name, value]) => others.has(name) && isSame(value, others.get(name)));
};

/** The value, if it is written exactly as the item is stored. */
const exact = <T>(item: Item, read: () => T, encode: (value: T) => Item): T | undefined => {
  try {
    const value = read();
    return isSame(encode(value), item) ? value : undefined;
  } catch {
    // Whatever stands there instead of JSON, of a number, of a known attribute type: it was not written here.
    return undefined;
  }
};

/** Keys are not compared: a record that was moved to another place is told of as such. */
const underKeyOf = (item: Item, encoded: Item): Item => ({ ...encoded, pk: item.pk, sk: item.sk }) as Item;

export const decodeRecord = (item: Item): StoredRecord => {
  const position = seqOfSortKey(item.sk?.S ?? '');
  const read = (): AuditRecord => {
    const { pk, sk, entityType, schemaVersion, ...fields } = fromItem(item);
    return mapJson(fields, (text) => JSON.parse(String(text))) as AuditRecord;
  };
  const record = exact(item, read, (value) => underKeyOf(item, encodeRecord(value)));
  return { position, ...(record === undefined ? {} : { record }) };
};

export const decodeHead = (item: Item): StoredHead => {
  const read = (): ChainHead => {
    const { model, seq, hash } = fromItem(item);
    return { model, seq, hash } as ChainHead;
  };
  return { model: item.sk?.S ?? '', head: exact(item, read, encodeHead) ?? 'malformed' };
};
