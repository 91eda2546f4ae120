import { Buffer } from 'node:buffer';
import { type AttributeValue, type Item, typeOf } from './attribute-value.ts';
import { compareNumbers } from './decimal.ts';

const sameMembers = (left: readonly string[], right: readonly string[]): boolean => {
  if (left.length !== right.length) return false;
  const members = new Set(left);
  return right.every((member) => members.has(member));
};

const sameList = (left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean =>
  left.length === right.length &&
  left.every((element, index) => {
    const other = right[index];
    return other !== undefined && valuesEqual(element, other);
  });

const sameMap = (left: Item, right: Item): boolean => {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [mine, other] = [left[name], Object.hasOwn(right, name) ? right[name] : undefined];
      return mine !== undefined && other !== undefined && valuesEqual(mine, other);
    })
  );
};

const sameScalar = (left: AttributeValue, right: AttributeValue): boolean => {
  if ('S' in left) return 'S' in right && left.S === right.S;
  if ('N' in left) return 'N' in right && left.N === right.N;
  if ('B' in left) return 'B' in right && left.B === right.B;
  if ('BOOL' in left) return 'BOOL' in right && left.BOOL === right.BOOL;
  return 'NULL' in left && 'NULL' in right;
};

const membersOf = (value: AttributeValue): readonly string[] | undefined => {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
};

/** Deep equality; sets have no order, and values of different types are never equal. Numbers must be canonical. */
export const valuesEqual = (left: AttributeValue, right: AttributeValue): boolean => {
  if (typeOf(left) !== typeOf(right)) return false;
  if ('L' in left && 'L' in right) return sameList(left.L, right.L);
  if ('M' in left && 'M' in right) return sameMap(left.M, right.M);
  const [mine, others] = [membersOf(left), membersOf(right)];
  return mine && others ? sameMembers(mine, others) : sameScalar(left, right);
};

/** Strings are ordered by their UTF-8 bytes, which is not the order of JavaScript's UTF-16 units. */
export const compareText = (left: string, right: string): number =>
  left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));

/** Order of two scalars of one type; undefined when they cannot be ordered. */
export const compareValues = (left: AttributeValue, right: AttributeValue): number | undefined => {
  if ('S' in left && 'S' in right) return compareText(left.S, right.S);
  if ('N' in left && 'N' in right) return compareNumbers(left.N, right.N);
  if ('B' in left && 'B' in right) return Buffer.compare(Buffer.from(left.B, 'base64'), Buffer.from(right.B, 'base64'));
  return undefined;
};
