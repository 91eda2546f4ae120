import { InvalidRequestError } from '../../../kernel/errors.ts';
import { shorten } from '../../../kernel/show-value.ts';
import type { GraphNode } from '../graph/read-graph.ts';
import { CONCAT_OPERATORS } from './concat-operator.ts';
import { ENCODER_OPERATORS } from './encoder-operators.ts';
import type { Operator } from './operator.ts';
import { OTHER_OPERATOR_NAMES } from './other-operator-names.ts';
import { otherOperator } from './other-operators.ts';
import { TREE_OPERATORS } from './tree-operators.ts';
import { UNARY_OPERATORS } from './unary-operators.ts';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [CONCAT_OPERATORS, ENCODER_OPERATORS, TREE_OPERATORS, UNARY_OPERATORS].flatMap((operators) =>
    Object.entries(operators),
  ),
);

/** Every operator that is interpreted, as `Operator` or `domain:Operator`. */
export const interpretedOperators = (): readonly string[] => [...OPERATORS.keys(), ...OTHER_OPERATOR_NAMES];

export const isInterpreted = (operator: string): boolean =>
  OPERATORS.has(operator) || OTHER_OPERATOR_NAMES.has(operator);

/** @throws InvalidRequestError for an operator, a version or an attribute that is not interpreted. */
export const operatorOf = ({ operator, opset, attributes }: GraphNode): Operator => {
  const found = OPERATORS.get(operator) ?? (OTHER_OPERATOR_NAMES.has(operator) ? otherOperator(operator) : undefined);
  if (found === undefined) throw new InvalidRequestError(`operator ${shorten(operator)} is not interpreted`);
  const [first, last] = found.opsets;
  if (opset < first || opset > last) {
    throw new InvalidRequestError(`opset ${opset} is not interpreted, only ${first} to ${last}`);
  }
  const unknown = attributes.names.find((name) => !(found.attributes ?? []).includes(name));
  if (unknown !== undefined) throw new InvalidRequestError(`attribute ${shorten(unknown)} is not interpreted`);
  return found;
};
