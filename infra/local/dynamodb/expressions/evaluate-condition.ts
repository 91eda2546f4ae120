import { Buffer } from 'node:buffer';
import { type AttributeValue, type Item, typeOf } from '../attribute-value.ts';
import { compareValues, valuesEqual } from '../compare-values.ts';
import { binaryBytes } from '../item-size.ts';
import type { Bindings } from './bindings.ts';
import { valueAt } from './document-path.ts';
import type { Comparator, Condition, Operand } from './syntax.ts';

/** `size()` of a value: characters, bytes or elements; undefined for types that have none. */
export const sizeOf = (value: AttributeValue): number | undefined => {
  if ('S' in value) return value.S.length;
  if ('B' in value) return binaryBytes(value.B);
  if ('SS' in value) return value.SS.length;
  if ('NS' in value) return value.NS.length;
  if ('BS' in value) return value.BS.length;
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return undefined;
};

const valueOfOperand = (operand: Operand, item: Item, bindings: Bindings): AttributeValue | undefined => {
  if (operand.kind === 'path') return valueAt(item, bindings.resolve(operand.path));
  if (operand.kind === 'value') return bindings.value(operand.reference);
  const inner = valueOfOperand(operand.operand, item, bindings);
  const size = inner === undefined ? undefined : sizeOf(inner);
  return size === undefined ? undefined : { N: String(size) };
};

const ORDERS: Readonly<Record<Exclude<Comparator, '=' | '<>'>, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const compare = (
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean => {
  const comparable = left !== undefined && right !== undefined;
  if (comparator === '=') return comparable && valuesEqual(left, right);
  if (comparator === '<>') return !(comparable && valuesEqual(left, right));
  const order = comparable ? compareValues(left, right) : undefined;
  return order !== undefined && ORDERS[comparator](order);
};

const beginsWith = (value: AttributeValue, prefix: AttributeValue): boolean => {
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if (!('B' in value && 'B' in prefix)) return false;
  const start = Buffer.from(prefix.B, 'base64');
  return Buffer.from(value.B, 'base64').subarray(0, start.length).equals(start);
};

const contains = (value: AttributeValue, sought: AttributeValue): boolean => {
  if ('S' in value) return 'S' in sought && value.S.includes(sought.S);
  if ('B' in value) return 'B' in sought && Buffer.from(value.B, 'base64').includes(Buffer.from(sought.B, 'base64'));
  if ('L' in value) return value.L.some((element) => valuesEqual(element, sought));
  if ('SS' in value) return 'S' in sought && value.SS.includes(sought.S);
  if ('NS' in value) return 'N' in sought && value.NS.includes(sought.N);
  return 'BS' in value && 'B' in sought && value.BS.includes(sought.B);
};

const callFunction = (
  { name, operands }: Extract<Condition, { kind: 'function' }>,
  item: Item,
  bindings: Bindings,
): boolean => {
  const [first, second] = operands.map((operand) => valueOfOperand(operand, item, bindings));
  if (name === 'attribute_exists') return first !== undefined;
  if (name === 'attribute_not_exists') return first === undefined;
  if (first === undefined || second === undefined) return false;
  if (name === 'attribute_type') return 'S' in second && typeOf(first) === second.S;
  return name === 'begins_with' ? beginsWith(first, second) : contains(first, second);
};

/** True when the item (empty if there is none) meets the condition. */
export const conditionHolds = (condition: Condition, item: Item, bindings: Bindings): boolean => {
  const value = (operand: Operand): AttributeValue | undefined => valueOfOperand(operand, item, bindings);
  switch (condition.kind) {
    case 'and':
      return conditionHolds(condition.left, item, bindings) && conditionHolds(condition.right, item, bindings);
    case 'or':
      return conditionHolds(condition.left, item, bindings) || conditionHolds(condition.right, item, bindings);
    case 'not':
      return !conditionHolds(condition.condition, item, bindings);
    case 'compare':
      return compare(condition.comparator, value(condition.left), value(condition.right));
    case 'between': {
      const sought = value(condition.operand);
      return compare('>=', sought, value(condition.low)) && compare('<=', sought, value(condition.high));
    }
    case 'in': {
      const sought = value(condition.operand);
      return condition.candidates.some((candidate) => compare('=', sought, value(candidate)));
    }
    case 'function':
      return callFunction(condition, item, bindings);
  }
};
