import { type AttributeValue, typeOf } from '../attribute-value.ts';
import { validationError } from '../errors.ts';
import type { KeyAttribute, KeySchema } from '../table-schema.ts';
import type { Bindings } from './bindings.ts';
import type { Comparator, Condition, Operand } from './syntax.ts';

/** What a query may ask of a sort key. */
export type SortCondition =
  | { readonly kind: '=' | '<' | '<=' | '>' | '>='; readonly value: AttributeValue }
  | { readonly kind: 'between'; readonly low: AttributeValue; readonly high: AttributeValue }
  | { readonly kind: 'begins_with'; readonly value: AttributeValue };

export interface KeyCondition {
  readonly partition: AttributeValue;
  readonly sort?: SortCondition;
}

const MIRRORED: Readonly<Record<Comparator, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

const refuse = (message: string): never => {
  throw validationError(`Invalid KeyConditionExpression: ${message}`);
};

const refuseOperator = (operator: string): never =>
  refuse(`Invalid operator used in KeyConditionExpression: ${operator}`);

const conjuncts = (condition: Condition): readonly Condition[] =>
  condition.kind === 'and' ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition];

interface Term {
  readonly attribute: string;
  readonly condition: SortCondition;
}

const attributeName = (operand: Operand, bindings: Bindings): string => {
  if (operand.kind !== 'path') return refuse('KeyConditionExpressions must be of the form: attribute operator value');
  const [name, ...rest] = bindings.resolve(operand.path);
  if (rest.length > 0) refuse('KeyConditionExpressions cannot have conditions on nested attributes');
  return String(name);
};

const constant = (operand: Operand | undefined, bindings: Bindings): AttributeValue => {
  if (operand?.kind === 'value') return bindings.value(operand.reference);
  return refuse('KeyConditionExpressions must compare key attributes with expression attribute values');
};

const comparison = ({ comparator, left, right }: Extract<Condition, { kind: 'compare' }>, bindings: Bindings): Term => {
  const flipped = left.kind === 'value';
  const kind = flipped ? MIRRORED[comparator] : comparator;
  if (kind === '<>') return refuseOperator('<>');
  return {
    attribute: attributeName(flipped ? right : left, bindings),
    condition: { kind, value: constant(flipped ? left : right, bindings) },
  };
};

const termOf = (condition: Condition, bindings: Bindings): Term => {
  switch (condition.kind) {
    case 'compare':
      return comparison(condition, bindings);
    case 'between': {
      const low = constant(condition.low, bindings);
      const high = constant(condition.high, bindings);
      return { attribute: attributeName(condition.operand, bindings), condition: { kind: 'between', low, high } };
    }
    case 'function': {
      const [path, prefix] = condition.operands;
      if (condition.name !== 'begins_with' || path === undefined) return refuseOperator(condition.name);
      const value = constant(prefix, bindings);
      return { attribute: attributeName(path, bindings), condition: { kind: 'begins_with', value } };
    }
    default:
      return refuseOperator(condition.kind.toUpperCase());
  }
};

const valuesOf = (condition: SortCondition): readonly AttributeValue[] =>
  condition.kind === 'between' ? [condition.low, condition.high] : [condition.value];

const requireKeyType = (condition: SortCondition, { name, type }: KeyAttribute): void => {
  const values = valuesOf(condition);
  if (values.some((value) => typeOf(value) !== type)) {
    throw validationError(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    );
  }
  if (values.some((value) => ('S' in value && value.S === '') || ('B' in value && value.B === ''))) {
    throw validationError(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
  }
};

/** Reads a key condition against the keys of a table or index. @throws AwsError ValidationException */
export const keyConditionOf = (condition: Condition, keys: KeySchema, bindings: Bindings): KeyCondition => {
  const terms = new Map<string, SortCondition>();
  for (const part of conjuncts(condition)) {
    const { attribute, condition: asked } = termOf(part, bindings);
    if (terms.has(attribute)) refuse('KeyConditionExpressions must only contain one condition per key');
    terms.set(attribute, asked);
  }
  const partition = terms.get(keys.partition.name);
  if (partition === undefined) {
    throw validationError(`Query condition missed key schema element: ${keys.partition.name}`);
  }
  if (partition.kind !== '=') throw validationError('Query key condition not supported');
  requireKeyType(partition, keys.partition);
  terms.delete(keys.partition.name);
  if (terms.size === 0) return { partition: partition.value };
  const sort = keys.sort === undefined ? undefined : terms.get(keys.sort.name);
  if (keys.sort === undefined || sort === undefined || terms.size > 1) {
    if (keys.sort !== undefined && terms.size === 1) {
      throw validationError(`Query condition missed key schema element: ${keys.sort.name}`);
    }
    throw validationError('Query key condition not supported');
  }
  requireKeyType(sort, keys.sort);
  return { partition: partition.value, sort };
};
