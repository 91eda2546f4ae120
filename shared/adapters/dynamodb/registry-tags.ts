import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { fromItem, type Item, toItem } from './attribute-value.ts';
import { encodeEntity } from './entity.ts';
import type { Key } from './keys.ts';

/**
 * Tags of models and versions. A value may be 100,000 characters and there may be any number of them, an item holds
 * 400 kB: short ones stand in the item that they describe, long ones and those beyond its share in items of their own.
 */

type Texts = Readonly<Record<string, string>>;

/** Longer values have their own item. */
export const LONGEST_INLINE_BYTES = 1_000;
/** What the tags of one item may take in it. */
export const INLINE_SHARE_BYTES = 64_000;

interface TagFields {
  readonly tags?: Texts;
  readonly hasLongTags?: boolean;
}

const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).byteLength;
const totalBytes = (tags: Texts): number =>
  Object.entries(tags).reduce((sum, [key, value]) => sum + bytesOf(key) + bytesOf(value), 0);

const without = (tags: Texts, key: string): Texts =>
  Object.fromEntries(Object.entries(tags).filter(([other]) => other !== key));

const isShort = (standing: Texts, key: string, value: string): boolean =>
  bytesOf(value) <= LONGEST_INLINE_BYTES && totalBytes(standing) + bytesOf(key) + bytesOf(value) <= INLINE_SHARE_BYTES;

/** Of a long tag its own item says more. */
export const mayHaveTag = ({ tags = {}, hasLongTags }: TagFields, key: string): boolean =>
  hasLongTags === true || Object.hasOwn(tags, key);

const putLong = (table: string, at: Key, key: string, value: string): TransactWriteItem => ({
  Put: { TableName: table, Item: encodeEntity('RegistryTag', at, { key, value }) },
});

/** The fields with the tag set (or gone, of undefined), and what is to be written beside them. */
export const withTag = <T extends TagFields>(
  fields: T,
  tag: { readonly key: string; readonly value: string | undefined },
  place: { readonly table: string; readonly keyOf: (key: string) => Key },
): { readonly fields: T; readonly actions: readonly TransactWriteItem[] } => {
  const { key, value } = tag;
  const others = without(fields.tags ?? {}, key);
  const at = place.keyOf(key);
  const drop: TransactWriteItem = { Delete: { TableName: place.table, Key: toItem(at) } };
  const dropIfAny = fields.hasLongTags ? [drop] : [];
  if (value === undefined) return { fields: { ...fields, tags: others }, actions: dropIfAny };
  if (isShort(others, key, value)) {
    const tags = Object.fromEntries([...Object.entries(others), [key, value]]);
    return { fields: { ...fields, tags }, actions: dropIfAny };
  }
  return {
    fields: { ...fields, tags: others, hasLongTags: true },
    actions: [putLong(place.table, at, key, value)],
  };
};

/** The fields of a new item with all its tags. */
export const withTags = <T extends TagFields>(
  fields: T,
  tags: Texts,
  place: { readonly table: string; readonly keyOf: (key: string) => Key },
): { readonly fields: T; readonly actions: readonly TransactWriteItem[] } => {
  const short: [string, string][] = [];
  const actions: TransactWriteItem[] = [];
  let share = 0;
  for (const [key, value] of Object.entries(tags)) {
    const bytes = bytesOf(key) + bytesOf(value);
    if (bytesOf(value) <= LONGEST_INLINE_BYTES && share + bytes <= INLINE_SHARE_BYTES) {
      share += bytes;
      short.push([key, value]);
    } else actions.push(putLong(place.table, place.keyOf(key), key, value));
  }
  return {
    fields: { ...fields, tags: Object.fromEntries(short), ...(actions.length === 0 ? {} : { hasLongTags: true }) },
    actions,
  };
};

/** The short tags together with the long ones of these items. */
export const mergedTags = (short: Texts, longTags: readonly Item[]): Texts => {
  const long = longTags.map(fromItem).map(({ key, value }) => [String(key), String(value)] as const);
  return Object.fromEntries([...long, ...Object.entries(short)]);
};
