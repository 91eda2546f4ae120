import type { Item } from './attribute-value.ts';
import { attributeOf } from './expressions/document-path.ts';

/** When the item expires, in epoch seconds; undefined when its TTL attribute is absent or no usable number. */
export const expirySeconds = (item: Item, ttlAttribute: string): number | undefined => {
  const value = attributeOf(item, ttlAttribute);
  if (value === undefined || !('N' in value)) return undefined;
  const seconds = Math.floor(Number(value.N));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined;
};
