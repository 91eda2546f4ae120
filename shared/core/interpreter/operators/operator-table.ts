import { InvalidRequestError } from '../../../kernel/errors.ts';
import { shorten } from '../../../kernel/show-value.ts';
import type { GraphNode } from '../graph/read-graph.ts';
import { AXIS_OPERATORS } from './axis-operators.ts';
import { BINARY_OPERATORS } from './binary-operators.ts';
import { CAST_OPERATORS } from './cast-operators.ts';
import { CLIP_OPERATORS } from './clip-operator.ts';
import { DENSE_OPERATORS } from './dense-operators.ts';
import { ENCODER_OPERATORS } from './encoder-operators.ts';
import { FEATURE_OPERATORS } from './feature-operators.ts';
import { LINEAR_OPERATORS } from './linear-operators.ts';
import { MOVE_OPERATORS } from './move-operators.ts';
import type { Operator } from './operator.ts';
import { REDUCE_OPERATORS } from './reduce-operators.ts';
import { SHAPE_OPERATORS } from './shape-operators.ts';
import { TREE_OPERATORS } from './tree-operators.ts';
import { UNARY_OPERATORS } from './unary-operators.ts';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    AXIS_OPERATORS,
    BINARY_OPERATORS,
    CAST_OPERATORS,
    CLIP_OPERATORS,
    DENSE_OPERATORS,
    ENCODER_OPERATORS,
    FEATURE_OPERATORS,
    LINEAR_OPERATORS,
    MOVE_OPERATORS,
    REDUCE_OPERATORS,
    SHAPE_OPERATORS,
    TREE_OPERATORS,
    UNARY_OPERATORS,
  ].flatMap((operators) => Object.entries(operators)),
);

/** Every operator that is interpreted, as `Operator` or `domain:Operator`. */
export const INTERPRETED_OPERATORS: readonly string[] = [...OPERATORS.keys()];

/** @throws InvalidRequestError for an operator, a version or an attribute that is not interpreted. */
export const operatorOf = ({ operator, opset, attributes }: GraphNode): Operator => {
  const found = OPERATORS.get(operator);
  if (found === undefined) throw new InvalidRequestError(`operator ${shorten(operator)} is not interpreted`);
  const [first, last] = found.opsets;
  if (opset < first || opset > last) {
    throw new InvalidRequestError(`opset ${opset} is not interpreted, only ${first} to ${last}`);
  }
  const unknown = attributes.names.find((name) => !(found.attributes ?? []).includes(name));
  if (unknown !== undefined) throw new InvalidRequestError(`attribute ${shorten(unknown)} is not interpreted`);
  return found;
};
