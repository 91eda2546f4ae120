import { newValue, numbersOf, type Value } from '../value.ts';
import { datatypeAt, given, type Operator, type OperatorNode, type Operators } from './operator.ts';

type Bounds = (inputs: readonly (Value | undefined)[]) => readonly [number, number];

/** The largest numbers, which a bound that is not given stands at: even infinities are cut to it. */
const LARGEST = { FP32: 3.4028234663852886e38, FP64: Number.MAX_VALUE, INT32: 2 ** 31 } as const;

/** Attributes up to opset 10, inputs since. */
const boundsOf = ({ opset, attributes }: OperatorNode, highest: number): Bounds => {
  const lowest = -highest;
  if (opset < 11) {
    const bounds = [attributes.float('min') ?? lowest, attributes.float('max') ?? highest] as const;
    return () => bounds;
  }
  const boundAt = (value: Value | undefined, fallback: number): number =>
    value === undefined ? fallback : (numbersOf(value)[0] ?? fallback);
  return (inputs) => [boundAt(inputs[1], lowest), boundAt(inputs[2], highest)];
};

const clip: Operator = {
  opsets: [6, 25],
  attributes: ['min', 'max'],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, ['FP32', 'FP64', 'INT32']);
    for (const index of [1, 2]) if (node.inputs[index] !== undefined) datatypeAt(node, index, [datatype]);
    const bounds = boundsOf(node, LARGEST[datatype]);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const [lowest, highest] = bounds(inputs);
        const result = newValue(datatype, value.shape);
        const [from, into] = [value.data as Float64Array, result.data as Float64Array];
        for (let i = 0; i < into.length; i++) into[i] = Math.min(highest, Math.max(lowest, from[i] as number));
        return [result];
      },
    };
  },
};

export const CLIP_OPERATORS: Operators = { Clip: clip };
