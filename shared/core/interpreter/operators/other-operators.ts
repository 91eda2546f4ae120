import { AXIS_OPERATORS } from './axis-operators.ts';
import { BINARY_OPERATORS } from './binary-operators.ts';
import { CAST_OPERATORS } from './cast-operators.ts';
import { CLIP_OPERATORS } from './clip-operator.ts';
import { DENSE_OPERATORS } from './dense-operators.ts';
import { FEATURE_OPERATORS } from './feature-operators.ts';
import { LINEAR_OPERATORS } from './linear-operators.ts';
import { MOVE_OPERATORS } from './move-operators.ts';
import type { Operator } from './operator.ts';
import { REDUCE_OPERATORS } from './reduce-operators.ts';
import { SHAPE_OPERATORS } from './shape-operators.ts';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    AXIS_OPERATORS,
    BINARY_OPERATORS,
    CAST_OPERATORS,
    CLIP_OPERATORS,
    DENSE_OPERATORS,
    FEATURE_OPERATORS,
    LINEAR_OPERATORS,
    MOVE_OPERATORS,
    REDUCE_OPERATORS,
    SHAPE_OPERATORS,
  ].flatMap((operators) => Object.entries(operators)),
);

/** Operators that our own trainer writes none of: the inference function loads them for graphs that have some. */
export const otherOperator = (name: string): Operator | undefined => OPERATORS.get(name);

export const otherOperatorNames = (): readonly string[] => [...OPERATORS.keys()];
