import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { assert } from '../../kernel/assert.ts';

/** Plain data to DynamoDB's attribute values and back. Text, numbers, booleans, null, lists and maps: what we store. */

export type Item = Record<string, AttributeValue>;

/** An absent (`undefined`) field of a map is left out. Numbers must be finite. */
export const toAttributeValue = (value: unknown): AttributeValue => {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') {
    assert(Number.isFinite(value), `only finite numbers can be stored, got ${value}`);
    return { N: String(value) };
  }
  if (Array.isArray(value)) return { L: value.map(toAttributeValue) };
  assert(typeof value === 'object', `a ${typeof value} cannot be stored`);
  return { M: toItem(value) };
};

/** Entries, not assignments: an attribute may be named `__proto__`. */
export const toItem = (fields: object): Item =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, toAttributeValue(value)]),
  );

const fromAttributeValue = (value: AttributeValue): unknown => {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(fromAttributeValue);
  assert(value.M !== undefined, `unexpected attribute type ${Object.keys(value).join()}`);
  return fromItem(value.M);
};

export const fromItem = (item: Item): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttributeValue(value)]));
