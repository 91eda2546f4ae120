import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { assert } from '../../../kernel/assert.ts';
import { ConflictError } from '../../../kernel/errors.ts';
import { type Item, toItem } from '../attribute-value.ts';
import { decodePackedEntity, type EntityType, entityFields } from '../entity.ts';
import type { Key } from '../keys.ts';
import type { TrackingContext } from './tracking-context.ts';

/**
 * A document in one attribute: `text` (JSON), above 4 KB `gzip` of it, above 300 KB `spill`: the key of an object in S3,
 * named by its content. Maps of attribute values would cost more CPU than all else, and no condition looks inside.
 */

type PackContext = Pick<TrackingContext, 'values' | 'keys'>;

const TEXT_BYTES = 4_096;
/** Below DynamoDB's 400 KB for an item, and four of them below the 4 MB of a transaction. */
const ITEM_BYTES = 300 * 1_024;
/** The fastest: a document is packed at every write, and level 6 takes four times as long to save a tenth. */
const GZIP = { level: 1 } as const;
const SPILL_ATTEMPTS = 3;

interface PackedItem {
  readonly item: Item;
  /** Of the packed form. */
  readonly sizeBytes: number;
}

export const packItem = async (
  { values, keys }: PackContext,
  entityType: EntityType,
  fields: Key & { readonly rev?: number },
  document: object,
): Promise<PackedItem> => {
  const text = JSON.stringify(document);
  const item = toItem({ ...fields, ...entityFields(entityType) });
  const textBytes = Buffer.byteLength(text);
  if (textBytes <= TEXT_BYTES) return { item: { ...item, text: { S: text } }, sizeBytes: textBytes };
  const gzip = gzipSync(text, GZIP);
  if (gzip.byteLength <= ITEM_BYTES) return { item: { ...item, gzip: { B: gzip } }, sizeBytes: gzip.byteLength };
  const key = keys.spill(createHash('sha256').update(gzip).digest('hex'));
  await spill(values, key, gzip);
  return { item: { ...item, spill: { S: key } }, sizeBytes: gzip.byteLength };
};

/** The same content by two writers at once: S3 refuses one of them, which then waits for the other's to be there. */
const spill = async (values: PackContext['values'], key: string, body: Uint8Array): Promise<void> => {
  for (let attempts = 1; ; attempts += 1) {
    try {
      await values.putIfAbsent(key, body, 'application/gzip');
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempts === SPILL_ATTEMPTS) throw error;
    }
  }
};

export const unpackItem = async <T extends object>(
  { values }: PackContext,
  entityType: EntityType,
  item: Item,
): Promise<T> => {
  const { text, gzip, spill } = item;
  const packed = gzip?.B ?? (spill?.S === undefined ? undefined : await values.get(spill.S));
  const json = text?.S ?? (packed === undefined ? undefined : gunzipSync(packed).toString('utf8'));
  assert(json !== undefined, `item ${item.pk?.S} ${item.sk?.S} holds no document`);
  return decodePackedEntity<T>(entityType, item, JSON.parse(json));
};
