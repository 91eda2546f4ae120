import { Buffer } from 'node:buffer';
import type { AttributeValue, Item } from './attribute-value.ts';

/** Sizes by the rules AWS publishes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export const MAX_ITEM_BYTES = 400 * 1024;

const COLLECTION_OVERHEAD_BYTES = 3;
const ELEMENT_OVERHEAD_BYTES = 1;

const numberBytes = (value: string): number => {
  const digits = value.replace(/^-/, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (value.startsWith('-') ? 1 : 0);
};

/** Bytes behind base64 text, without decoding it. */
export const binaryBytes = (base64: string): number => {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
};

const total = <T>(elements: readonly T[], bytes: (element: T) => number): number =>
  elements.reduce((sum, element) => sum + bytes(element), 0);

const valueBytes = (value: AttributeValue): number => {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberBytes(value.N);
  if ('B' in value) return binaryBytes(value.B);
  if ('SS' in value) return total(value.SS, Buffer.byteLength);
  if ('NS' in value) return total(value.NS, numberBytes);
  if ('BS' in value) return total(value.BS, binaryBytes);
  if ('M' in value) {
    return COLLECTION_OVERHEAD_BYTES + itemBytes(value.M) + Object.keys(value.M).length * ELEMENT_OVERHEAD_BYTES;
  }
  if ('L' in value) {
    return COLLECTION_OVERHEAD_BYTES + total(value.L, (element) => valueBytes(element) + ELEMENT_OVERHEAD_BYTES);
  }
  return 1;
};

export const itemBytes = (item: Item): number => {
  let bytes = 0;
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value !== undefined) bytes += Buffer.byteLength(name) + valueBytes(value);
  }
  return bytes;
};
