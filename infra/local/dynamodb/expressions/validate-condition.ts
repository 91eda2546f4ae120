import { type AttributeType, type AttributeValue, typeOf } from '../attribute-value.ts';
import { compareValues } from '../compare-values.ts';
import { validationError } from '../errors.ts';
import type { Bindings } from './bindings.ts';
import { operandsOf } from './condition-paths.ts';
import { sizeOf } from './evaluate-condition.ts';
import type { Condition, DocumentPath, Operand } from './syntax.ts';

/** What DynamoDB refuses about a condition before it looks at any item. */

const ORDERED: readonly AttributeType[] = ['S', 'N', 'B'];
const ATTRIBUTE_TYPES: readonly AttributeType[] = ['B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'N', 'NS', 'S', 'M'];
const MAX_IN_OPERANDS = 100;

interface Check {
  readonly parameter: string;
  readonly bindings: Bindings;
}

const refuse = ({ parameter }: Check, message: string): never => {
  throw validationError(`Invalid ${parameter}: ${message}`);
};

const boundValue = (operand: Operand, { bindings }: Check): AttributeValue | undefined =>
  operand.kind === 'value' ? bindings.value(operand.reference) : undefined;

const operandType = (operand: Operand, check: Check): AttributeType | undefined => {
  if (operand.kind === 'size') return 'N';
  const value = boundValue(operand, check);
  return value && typeOf(value);
};

const requireType = (operand: Operand, allowed: readonly AttributeType[], name: string, check: Check): void => {
  const type = operandType(operand, check);
  if (type !== undefined && !allowed.includes(type)) {
    refuse(
      check,
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
  }
};

/** `size()` is checked wherever it stands. */
const validateOperand = (operand: Operand, check: Check): void => {
  if (operand.kind !== 'size') return;
  const value = boundValue(operand.operand, check);
  if (operand.operand.kind === 'size' || (value !== undefined && sizeOf(value) === undefined)) {
    const type = operandType(operand.operand, check);
    refuse(check, `Incorrect operand type for operator or function; operator or function: size, operand type: ${type}`);
  }
};

const showPath = (path: DocumentPath): string =>
  `[${path.map((element) => (typeof element === 'number' ? `[${element}]` : element)).join(', ')}]`;

const requireDistinct = (first: Operand, others: readonly Operand[], operator: string, check: Check): void => {
  if (first.kind !== 'path') return;
  const shown = showPath(check.bindings.resolve(first.path));
  if (others.some((other) => other.kind === 'path' && showPath(check.bindings.resolve(other.path)) === shown)) {
    refuse(
      check,
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${shown}`,
    );
  }
};

const show = (value: AttributeValue): string => `AttributeValue: {${typeOf(value)}:${Object.values(value)[0]}}`;

const validateBetween = ({ low, high, operand }: Extract<Condition, { kind: 'between' }>, check: Check): void => {
  for (const each of [operand, low, high]) requireType(each, ORDERED, 'BETWEEN', check);
  const [from, to] = [boundValue(low, check), boundValue(high, check)];
  if (from === undefined || to === undefined) return;
  const order = compareValues(from, to);
  const bounds = `lower bound operand: ${show(from)}, upper bound operand: ${show(to)}`;
  if (order === undefined) {
    refuse(check, `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
  } else if (order > 0) {
    refuse(check, `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`);
  }
};

const validateAttributeType = (operand: Operand, check: Check): void => {
  const value = boundValue(operand, check);
  if (value === undefined || !('S' in value)) {
    const type = operandType(operand, check) ?? 'document path';
    refuse(
      check,
      `Incorrect operand type for operator or function; operator or function: attribute_type, operand type: ${type}`,
    );
  } else if (!ATTRIBUTE_TYPES.includes(value.S as AttributeType)) {
    refuse(check, `Invalid attribute type name found; type: ${value.S}, valid types: {${ATTRIBUTE_TYPES.join(',')}}`);
  }
};

const validateFunction = ({ name, operands }: Extract<Condition, { kind: 'function' }>, check: Check): void => {
  const [first, second] = operands;
  if (first === undefined) return;
  if (name.endsWith('exists') && first.kind !== 'path') {
    refuse(check, `Operator or function requires a document path; operator or function: ${name}`);
  }
  if (second === undefined) return;
  if (name === 'attribute_type') validateAttributeType(second, check);
  requireDistinct(first, [second], name, check);
  if (name === 'begins_with') {
    for (const operand of operands) requireType(operand, ['S', 'B'], name, check);
  }
};

const validateIn = ({ operand, candidates }: Extract<Condition, { kind: 'in' }>, check: Check): void => {
  if (candidates.length > MAX_IN_OPERANDS) {
    refuse(
      check,
      `The IN operator is provided with too many operands; number of operands: ${candidates.length}, allowed: ${MAX_IN_OPERANDS}`,
    );
  }
  requireDistinct(operand, candidates, 'IN', check);
};

const validate = (condition: Condition, check: Check): void => {
  for (const operand of operandsOf(condition)) validateOperand(operand, check);
  switch (condition.kind) {
    case 'and':
    case 'or':
      validate(condition.left, check);
      validate(condition.right, check);
      break;
    case 'not':
      validate(condition.condition, check);
      break;
    case 'compare':
      requireDistinct(condition.left, [condition.right], condition.comparator, check);
      if (condition.comparator !== '=' && condition.comparator !== '<>') {
        requireType(condition.left, ORDERED, condition.comparator, check);
        requireType(condition.right, ORDERED, condition.comparator, check);
      }
      break;
    case 'between':
      validateBetween(condition, check);
      break;
    case 'in':
      validateIn(condition, check);
      break;
    case 'function':
      validateFunction(condition, check);
  }
};

/** @throws AwsError ValidationException */
export const validateCondition = (condition: Condition, parameter: string, bindings: Bindings): void =>
  validate(condition, { parameter, bindings });
