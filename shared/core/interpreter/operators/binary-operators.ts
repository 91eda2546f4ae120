import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Datatype } from '../../inference/index.ts';
import { type Cell, cellsOf, newValue, numbersOf, type Value } from '../value.ts';
import { broadcastShape, placeAt, readingOf } from './broadcast.ts';
import { datatypeAt, given, inputAt, type Operator, type OperatorNode, type Operators } from './operator.ts';

/** Operators of two or more tensors that are broadcast to each other, element by element. */

type Combine = (a: never, b: never) => Cell;

const NUMBERS = ['FP32', 'FP64', 'INT32', 'INT64'] as const;
const ANY = [...NUMBERS, 'UINT8', 'INT8', 'UINT16', 'INT16', 'UINT32', 'UINT64', 'BOOL', 'BYTES'] as const;
const LAST_OPSET = 25;

export const combine = (a: Value, b: Value, datatype: Datatype, combineCells: Combine): Value => {
  const shape = broadcastShape([a.shape, b.shape]);
  const result = newValue(datatype, shape);
  const to = cellsOf(result);
  const [left, right] = [cellsOf(a), cellsOf(b)];
  const [readLeft, readRight] = [readingOf(a.shape, shape), readingOf(b.shape, shape)];
  for (let i = 0; i < to.length; i++) {
    to[i] = combineCells(left[placeAt(readLeft, i)] as never, right[placeAt(readRight, i)] as never);
  }
  return result;
};

const sameDatatypes = <D extends Datatype>(node: OperatorNode, allowed: readonly D[]): D => {
  const datatype = datatypeAt(node, 0, allowed);
  node.inputs.forEach((_, index) => {
    if (inputAt(node, index).datatype !== datatype) {
      throw new InvalidRequestError(`its inputs are ${datatype} and ${inputAt(node, index).datatype}`);
    }
  });
  return datatype;
};

interface Arithmetic {
  readonly float: (a: number, b: number) => number;
  readonly integer: (a: number, b: number) => number;
  readonly big: (a: bigint, b: bigint) => bigint;
}

const combinerOf = ({ float, integer, big }: Arithmetic, datatype: Datatype): Combine => {
  if (datatype === 'INT64') return big as Combine;
  return (datatype === 'INT32' ? integer : float) as Combine;
};

const arithmetic = (operations: Arithmetic): Operator => ({
  opsets: [7, LAST_OPSET],
  compile: (node) => {
    const datatype = sameDatatypes(node, NUMBERS);
    const combiner = combinerOf(operations, datatype);
    return {
      datatypes: [datatype],
      run: (inputs) => [combine(given(inputs, 0), given(inputs, 1), datatype, combiner)],
    };
  },
});

/** Of any number of inputs. */
const variadic = (operations: Arithmetic): Operator => ({
  opsets: [8, LAST_OPSET],
  compile: (node) => {
    const datatype = sameDatatypes(node, NUMBERS);
    const combiner = combinerOf(operations, datatype);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        let result = given(inputs, 0);
        for (let i = 1; i < inputs.length; i++) result = combine(result, given(inputs, i), datatype, combiner);
        return [result];
      },
    };
  },
});

const refuseZero = (isZero: boolean): void => {
  if (isZero) throw new InvalidRequestError('an integer is divided by 0');
};

const divide: Arithmetic = {
  float: (a, b) => a / b,
  integer: (a, b) => {
    refuseZero(b === 0);
    return Math.trunc(a / b);
  },
  big: (a, b) => {
    refuseZero(b === 0n);
    return a / b;
  },
};

const comparison = (compare: (a: Cell, b: Cell) => boolean, allowed: readonly Datatype[], first: number): Operator => ({
  opsets: [first, LAST_OPSET],
  compile: (node) => {
    sameDatatypes(node, allowed);
    const combiner = ((a: Cell, b: Cell) => (compare(a, b) ? 1 : 0)) as Combine;
    return { datatypes: ['BOOL'], run: (inputs) => [combine(given(inputs, 0), given(inputs, 1), 'BOOL', combiner)] };
  },
});

const logical = (operation: (a: number, b: number) => number): Operator => ({
  opsets: [7, LAST_OPSET],
  compile: (node) => {
    sameDatatypes(node, ['BOOL']);
    const combiner = operation as Combine;
    return { datatypes: ['BOOL'], run: (inputs) => [combine(given(inputs, 0), given(inputs, 1), 'BOOL', combiner)] };
  },
});

/** The exponent may be of another datatype than the base, which the result has. */
const pow: Operator = {
  opsets: [7, LAST_OPSET],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, ['FP32', 'FP64']);
    datatypeAt(node, 1, NUMBERS);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const exponent = given(inputs, 1);
        const numbers = { ...exponent, data: numbersOf(exponent) as Float64Array };
        return [combine(given(inputs, 0), numbers, datatype, Math.pow as Combine)];
      },
    };
  },
};

const where: Operator = {
  opsets: [9, LAST_OPSET],
  compile: (node) => {
    datatypeAt(node, 0, ['BOOL']);
    const datatype = datatypeAt(node, 1, ANY);
    datatypeAt(node, 2, [datatype]);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const values = [given(inputs, 0), given(inputs, 1), given(inputs, 2)] as const;
        const shape = broadcastShape(values.map((value) => value.shape));
        const result = newValue(datatype, shape);
        const to = cellsOf(result);
        const [condition, whenTrue, whenFalse] = values.map(cellsOf) as [
          ReturnType<typeof cellsOf>,
          ReturnType<typeof cellsOf>,
          ReturnType<typeof cellsOf>,
        ];
        const readings = values.map((value) => readingOf(value.shape, shape));
        const at = (input: number, i: number): number => placeAt(readings[input] as never, i);
        for (let i = 0; i < to.length; i++) {
          to[i] = (condition[at(0, i)] === 0 ? whenFalse[at(2, i)] : whenTrue[at(1, i)]) as Cell;
        }
        return [result];
      },
    };
  },
};

export const BINARY_OPERATORS: Operators = {
  Add: arithmetic({ float: (a, b) => a + b, integer: (a, b) => a + b, big: (a, b) => a + b }),
  Sub: arithmetic({ float: (a, b) => a - b, integer: (a, b) => a - b, big: (a, b) => a - b }),
  Mul: arithmetic({ float: (a, b) => a * b, integer: Math.imul, big: (a, b) => a * b }),
  Div: arithmetic(divide),
  Pow: pow,
  Min: variadic({ float: Math.min, integer: Math.min, big: (a, b) => (a < b ? a : b) }),
  Max: variadic({ float: Math.max, integer: Math.max, big: (a, b) => (a > b ? a : b) }),
  Equal: comparison((a, b) => a === b, ['BOOL', 'BYTES', ...NUMBERS], 7),
  Less: comparison((a, b) => a < b, NUMBERS, 7),
  LessOrEqual: comparison((a, b) => a <= b, NUMBERS, 12),
  Greater: comparison((a, b) => a > b, NUMBERS, 7),
  GreaterOrEqual: comparison((a, b) => a >= b, NUMBERS, 12),
  And: logical((a, b) => a & b),
  Or: logical((a, b) => a | b),
  Xor: logical((a, b) => a ^ b),
  Where: where,
};
