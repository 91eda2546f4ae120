import { type AttributeType, type AttributeValue, type Item, typeOf } from '../attribute-value.ts';
import { addNumbers, negateNumber } from '../decimal.ts';
import { validationError } from '../errors.ts';
import type { Bindings } from './bindings.ts';
import { attributeOf, valueAt } from './document-path.ts';
import type { DocumentPath, SetOperand, UpdateAction } from './syntax.ts';

const wrongType = (): never => {
  throw validationError('An operand in the update expression has an incorrect data type');
};

const invalidPath = (): never => {
  throw validationError('The document path provided in the update expression is invalid for update');
};

const valueOfOperand = (operand: SetOperand, item: Item, bindings: Bindings): AttributeValue => {
  switch (operand.kind) {
    case 'value':
      return bindings.value(operand.reference);
    case 'path': {
      const value = valueAt(item, bindings.resolve(operand.path));
      if (value !== undefined) return value;
      throw validationError('The provided expression refers to an attribute that does not exist in the item');
    }
    case 'if_not_exists':
      return valueAt(item, bindings.resolve(operand.path)) ?? valueOfOperand(operand.otherwise, item, bindings);
    case 'list_append': {
      const first = valueOfOperand(operand.first, item, bindings);
      const second = valueOfOperand(operand.second, item, bindings);
      return 'L' in first && 'L' in second ? { L: [...first.L, ...second.L] } : wrongType();
    }
    case 'plus':
    case 'minus': {
      const left = valueOfOperand(operand.left, item, bindings);
      const right = valueOfOperand(operand.right, item, bindings);
      if (!('N' in left && 'N' in right)) return wrongType();
      return { N: addNumbers(left.N, operand.kind === 'plus' ? right.N : negateNumber(right.N)) };
    }
  }
};

const union = (left: readonly string[], right: readonly string[]): readonly string[] => [
  ...new Set([...left, ...right]),
];

const added = (current: AttributeValue | undefined, value: AttributeValue): AttributeValue => {
  if (current === undefined) return value;
  if ('N' in current && 'N' in value) return { N: addNumbers(current.N, value.N) };
  if ('SS' in current && 'SS' in value) return { SS: union(current.SS, value.SS) };
  if ('NS' in current && 'NS' in value) return { NS: union(current.NS, value.NS) };
  if ('BS' in current && 'BS' in value) return { BS: union(current.BS, value.BS) };
  return wrongType();
};

const without = (from: readonly string[], gone: readonly string[]): readonly string[] =>
  from.filter((member) => !gone.includes(member));

/** The set less the given members; undefined once it would be empty, since empty sets do not exist. */
const subtracted = (current: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined => {
  if (current === undefined) return undefined;
  const nonEmpty = (members: readonly string[], rest: AttributeValue): AttributeValue | undefined =>
    members.length === 0 ? undefined : rest;
  if ('SS' in current && 'SS' in value) {
    const SS = without(current.SS, value.SS);
    return nonEmpty(SS, { SS });
  }
  if ('NS' in current && 'NS' in value) {
    const NS = without(current.NS, value.NS);
    return nonEmpty(NS, { NS });
  }
  if ('BS' in current && 'BS' in value) {
    const BS = without(current.BS, value.BS);
    return nonEmpty(BS, { BS });
  }
  return wrongType();
};

/** The map with the value set or, for undefined, removed; `own` properties only, whatever the name. */
const withAttribute = (map: Item, name: string, value: AttributeValue | undefined): Item =>
  Object.fromEntries([
    ...Object.entries(map).filter(([other]) => other !== name),
    ...(value === undefined ? [] : [[name, value] as const]),
  ]);

const withElement = (
  list: readonly AttributeValue[],
  index: number,
  value: AttributeValue | undefined,
): readonly AttributeValue[] => {
  if (value === undefined) return list.filter((_, position) => position !== index);
  return index < list.length ? list.with(index, value) : [...list, value];
};

const replaceIn = (
  container: AttributeValue | undefined,
  [element, ...rest]: DocumentPath,
  value: AttributeValue | undefined,
): AttributeValue => {
  if (container === undefined || element === undefined) return invalidPath();
  if (typeof element === 'number') {
    if (!('L' in container)) return invalidPath();
    const child = rest.length === 0 ? value : replaceIn(container.L[element], rest, value);
    return { L: withElement(container.L, element, child) };
  }
  if (!('M' in container)) return invalidPath();
  const child = rest.length === 0 ? value : replaceIn(attributeOf(container.M, element), rest, value);
  return { M: withAttribute(container.M, element, child) };
};

/** The item with the value at the path replaced, or removed for undefined. @throws AwsError ValidationException */
const replaceAt = (item: Item, [name, ...rest]: DocumentPath, value: AttributeValue | undefined): Item => {
  const attribute = String(name);
  const replaced = rest.length === 0 ? value : replaceIn(attributeOf(item, attribute), rest, value);
  return withAttribute(item, attribute, replaced);
};

const comparePaths = (left: DocumentPath, right: DocumentPath): number => {
  for (const [index, element] of left.entries()) {
    const other = right[index];
    if (typeof element === 'number' && typeof other === 'number' && element !== other) return element - other;
    if (element !== other) return 0;
  }
  return 0;
};

interface Change {
  readonly path: DocumentPath;
  /** Undefined removes. */
  readonly value: AttributeValue | undefined;
}

const changeOf = (action: UpdateAction, item: Item, bindings: Bindings): Change => {
  const path = bindings.resolve(action.path);
  if (action.kind === 'SET') return { path, value: valueOfOperand(action.value, item, bindings) };
  if (action.kind === 'REMOVE') return { path, value: undefined };
  const value = bindings.value(action.reference);
  const current = valueAt(item, path);
  return { path, value: action.kind === 'ADD' ? added(current, value) : subtracted(current, value) };
};

/**
 * Applies an update to an item. Every operand reads the item as it was. List elements are set from the front and removed
 * from the back, so that each index means the element it meant before the update.
 * @throws AwsError ValidationException
 */
export const applyUpdate = (item: Item, actions: readonly UpdateAction[], bindings: Bindings): Item => {
  const changes = actions.map((action) => changeOf(action, item, bindings));
  const set = changes.filter(({ value }) => value !== undefined).sort((a, b) => comparePaths(a.path, b.path));
  const removed = changes.filter(({ value }) => value === undefined).sort((a, b) => comparePaths(b.path, a.path));
  return [...set, ...removed].reduce((current, { path, value }) => replaceAt(current, path, value), item);
};

const OPERAND_TYPES: Readonly<Record<'ADD' | 'DELETE', readonly AttributeType[]>> = {
  ADD: ['N', 'SS', 'NS', 'BS'],
  DELETE: ['SS', 'NS', 'BS'],
};

/** Names as DynamoDB spells them in this one message. */
const TYPE_NAMES: Readonly<Record<AttributeType, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  SS: 'STRING SET',
  NS: 'NUMBER SET',
  BS: 'BINARY SET',
  L: 'LIST',
  M: 'MAP',
};

const refuseOperand = (operator: string, type: string): never => {
  throw validationError(
    `Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
  );
};

const requireOperandType = (
  operand: SetOperand,
  allowed: AttributeType,
  operator: string,
  bindings: Bindings,
): void => {
  if (operand.kind === 'value') {
    const type = typeOf(bindings.value(operand.reference));
    if (type !== allowed) refuseOperand(operator, type);
  }
  validateOperand(operand, bindings);
};

const validateOperand = (operand: SetOperand, bindings: Bindings): void => {
  if (operand.kind === 'list_append') {
    requireOperandType(operand.first, 'L', 'list_append', bindings);
    requireOperandType(operand.second, 'L', 'list_append', bindings);
  } else if (operand.kind === 'plus' || operand.kind === 'minus') {
    const operator = operand.kind === 'plus' ? '+' : '-';
    requireOperandType(operand.left, 'N', operator, bindings);
    requireOperandType(operand.right, 'N', operator, bindings);
  } else if (operand.kind === 'if_not_exists') {
    validateOperand(operand.otherwise, bindings);
  }
};

/** What is wrong with an update whatever the item. @throws AwsError ValidationException */
export const validateUpdate = (actions: readonly UpdateAction[], bindings: Bindings): void => {
  for (const action of actions) {
    if (action.kind === 'SET') {
      validateOperand(action.value, bindings);
    } else if (action.kind !== 'REMOVE') {
      const type = typeOf(bindings.value(action.reference));
      if (!OPERAND_TYPES[action.kind].includes(type)) refuseOperand(action.kind, TYPE_NAMES[type]);
    }
  }
};
