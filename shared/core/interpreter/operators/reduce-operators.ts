import { axisOf, newValue, numbersOf, stridesOf, type Value } from '../value.ts';
import { datatypeAt, given, type Operator, type Operators } from './operator.ts';
import { integersAt } from './shape-operators.ts';

const LAST_OPSET = 25;

/** How elements become one: in float64 throughout, rounded to the datatype once. Of none there is the start. */
interface Reduction {
  readonly start: number;
  add(total: number, x: number): number;
  finish?(total: number, count: number): number;
}

const SUM: Reduction = { start: 0, add: (total, x) => total + x };

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  ReduceSum: SUM,
  ReduceMean: { ...SUM, finish: (total, count) => total / count },
  ReduceMax: { start: Number.NEGATIVE_INFINITY, add: Math.max },
  ReduceMin: { start: Number.POSITIVE_INFINITY, add: Math.min },
  ReduceProd: { start: 1, add: (total, x) => total * x },
  ReduceL1: { start: 0, add: (total, x) => total + Math.abs(x) },
  ReduceL2: { start: 0, add: (total, x) => total + x * x, finish: Math.sqrt },
  ReduceSumSquare: { start: 0, add: (total, x) => total + x * x },
  ReduceLogSum: { ...SUM, finish: Math.log },
};

interface Cut {
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  readonly shape: readonly number[];
}

const cutOf = (shape: readonly number[], axes: readonly number[], keeps: boolean): Cut => {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return {
    kept,
    reduced: axes.toSorted((a, b) => a - b),
    shape: keeps
      ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : kept.map((axis) => shape[axis] as number),
  };
};

/** The places of all elements along some axes, from 0. */
const placesAlong = (shape: readonly number[], axes: readonly number[]): Int32Array => {
  const strides = stridesOf(shape);
  let places = Int32Array.of(0);
  for (const axis of axes) {
    const [size, step] = [shape[axis] as number, strides[axis] as number];
    const next = new Int32Array(places.length * size);
    for (let i = 0; i < next.length; i++) next[i] = (places[Math.floor(i / size)] as number) + (i % size) * step;
    places = next;
  }
  return places;
};

type Reducer = (numbers: ArrayLike<number>, start: number, places: Int32Array) => number;

const reducerOf =
  ({ start: initial, add, finish }: Reduction): Reducer =>
  (numbers, start, places) => {
    let total = initial;
    for (let i = 0; i < places.length; i++) total = add(total, numbers[start + (places[i] as number)] as number);
    return finish === undefined ? total : finish(total, places.length);
  };

/** Shifted by the largest, so that no exponential overflows. */
const logSumExp: Reducer = (numbers, start, places) => {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < places.length; i++) largest = Math.max(largest, numbers[start + (places[i] as number)] as number);
  const shift = Number.isFinite(largest) ? largest : 0;
  let total = 0;
  for (let i = 0; i < places.length; i++) total += Math.exp((numbers[start + (places[i] as number)] as number) - shift);
  return shift + Math.log(total);
};

const reduce = (value: Value, cut: Cut, reducer: Reducer): Value => {
  const result = newValue(value.datatype, cut.shape);
  const starts = placesAlong(value.shape, cut.kept);
  const places = placesAlong(value.shape, cut.reduced);
  const numbers = numbersOf(value);
  for (let i = 0; i < starts.length; i++) {
    (result.data as Float64Array)[i] = reducer(numbers, starts[i] as number, places);
  }
  return result;
};

const reduceOperator = (reducer: Reducer, axesSince: number): Operator => ({
  opsets: [1, LAST_OPSET],
  attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, ['FP32', 'FP64']);
    const keeps = (node.attributes.integer('keepdims') ?? 1) !== 0;
    const nothing = node.attributes.integer('noop_with_empty_axes') === 1;
    const axesOf = integersAt(node, { attribute: 'axes', input: 1, inputSince: axesSince });
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const wanted = axesOf(inputs) ?? [];
        const rank = value.shape.length;
        const all = nothing ? [] : value.shape.map((_, axis) => axis);
        const axes = wanted.length === 0 ? all : [...new Set(wanted.map((axis) => axisOf(axis, rank)))];
        const cut = cutOf(value.shape, axes, keeps);
        return [reduce(value, cut, reducer)];
      },
    };
  },
});

/** Their axes became an input with opset 18, ReduceSum's with 13. */
export const REDUCE_OPERATORS: Operators = {
  ...Object.fromEntries(
    Object.entries(REDUCTIONS).map(([name, reduction]) => [
      name,
      reduceOperator(reducerOf(reduction), name === 'ReduceSum' ? 13 : 18),
    ]),
  ),
  ReduceLogSumExp: reduceOperator(logSumExp, 18),
};
