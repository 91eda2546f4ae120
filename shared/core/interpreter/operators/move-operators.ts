import { InvalidRequestError } from '../../../kernel/errors.ts';
import { axisOf, type Cell, cellsOf, newValue, numbersOf, stridesOf, type Value } from '../value.ts';
import { copyRun, splitAt, withSize } from './concat-operator.ts';
import { datatypeAt, given, inputAt, type Operator, type Operators } from './operator.ts';
import { integersAt } from './shape-operators.ts';

/** Operators that put elements elsewhere and leave them as they are. */

const LAST_OPSET = 25;

const transpose: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['perm'],
  compile: (node) => {
    const perm = [...node.attributes.integers('perm')];
    return {
      datatypes: [inputAt(node, 0).datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const rank = value.shape.length;
        const order = node.attributes.names.includes('perm')
          ? perm
          : Array.from({ length: rank }, (_, i) => rank - 1 - i);
        const isOrder = order.length === rank && order.toSorted((a, b) => a - b).every((axis, i) => axis === i);
        if (!isOrder)
          throw new InvalidRequestError(`perm [${order}] does not order the axes of shape [${value.shape}]`);
        const strides = stridesOf(value.shape);
        return [
          gatherByStrides(
            value,
            order.map((axis) => value.shape[axis] as number),
            order.map((axis) => strides[axis] as number),
            0,
          ),
        ];
      },
    };
  },
};

/** A new tensor whose elements are read with a step of each axis. */
const gatherByStrides = (value: Value, shape: readonly number[], steps: readonly number[], start: number): Value => {
  const result = newValue(value.datatype, shape);
  const [from, to] = [cellsOf(value), cellsOf(result)];
  const index = new Array<number>(shape.length).fill(0);
  let place = start;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[place] as Cell;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += steps[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      place -= (steps[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
};

/** Takes pieces of an axis by their indices; a negative one counts from the end. */
export const gatherAxis = (value: Value, axis: number, indices: ArrayLike<number>, shape: readonly number[]): Value => {
  const { outer, size, inner } = splitAt(value.shape, axis);
  const result = newValue(value.datatype, shape);
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      if (index < -size || index >= size) throw new InvalidRequestError(`index ${index} is not in [${-size}, ${size})`);
      const from = (block * size + (index < 0 ? index + size : index)) * inner;
      copyRun(value, from, result, (block * indices.length + i) * inner, inner);
    }
  }
  return result;
};

const gather: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['axis'],
  compile: (node) => {
    const axis = node.attributes.integer('axis') ?? 0;
    datatypeAt(node, 1, ['INT64', 'INT32']);
    return {
      datatypes: [inputAt(node, 0).datatype],
      run: (inputs) => {
        const [value, indices] = [given(inputs, 0), given(inputs, 1)];
        const at = axisOf(axis, value.shape.length);
        const shape = [...value.shape.slice(0, at), ...indices.shape, ...value.shape.slice(at + 1)];
        return [gatherAxis(value, at, numbersOf(indices), shape)];
      },
    };
  },
};

interface Range {
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

/** As ONNX clamps it: https://onnx.ai/onnx/operators/onnx__Slice.html. */
const rangeOf = (size: number, start: number, end: number, step: number): Range => {
  if (step === 0) throw new InvalidRequestError('a step is 0');
  if (size === 0) return { start: 0, step, size };
  const clamp = (place: number, lowest: number, highest: number): number =>
    Math.max(Math.min(place < 0 ? place + size : place, highest), lowest);
  const first = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const last = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return { start: first, step, size: Math.max(0, Math.ceil((last - first) / step)) };
};

const slice: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['starts', 'ends', 'axes', 'steps'],
  compile: (node) => {
    const [startsOf, endsOf, axesOf, stepsOf] = ['starts', 'ends', 'axes', 'steps'].map((attribute, i) =>
      integersAt(node, { attribute, input: i + 1, inputSince: 10 }),
    ) as [
      ReturnType<typeof integersAt>,
      ReturnType<typeof integersAt>,
      ReturnType<typeof integersAt>,
      ReturnType<typeof integersAt>,
    ];
    return {
      datatypes: [inputAt(node, 0).datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const [starts, ends] = [startsOf(inputs) ?? [], endsOf(inputs) ?? []];
        const axes = axesOf(inputs)?.map((axis) => axisOf(axis, value.shape.length)) ?? starts.map((_, i) => i);
        const steps = stepsOf(inputs) ?? starts.map(() => 1);
        if ([ends, axes, steps].some(({ length }) => length !== starts.length) || new Set(axes).size !== axes.length) {
          throw new InvalidRequestError('starts, ends, axes and steps do not go together');
        }
        const ranges: Range[] = value.shape.map((size) => ({ start: 0, step: 1, size }));
        axes.forEach((axis, i) => {
          if (axis >= ranges.length) throw new InvalidRequestError(`axis ${axis} is beyond shape [${value.shape}]`);
          ranges[axis] = rangeOf(
            value.shape[axis] as number,
            starts[i] as number,
            ends[i] as number,
            steps[i] as number,
          );
        });
        const strides = stridesOf(value.shape);
        const first = ranges.reduce((place, { start }, axis) => place + start * (strides[axis] as number), 0);
        const shape = ranges.map((range) => range.size);
        return [
          gatherByStrides(
            value,
            shape,
            ranges.map(({ step }, axis) => step * (strides[axis] as number)),
            first,
          ),
        ];
      },
    };
  },
};

const partsOf = (size: number, wanted: readonly number[] | undefined, count: number): readonly number[] => {
  const each = Math.ceil(size / count);
  const parts = wanted ?? Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, size - i * each)));
  if (parts.length !== count || parts.some((part) => part < 0) || parts.reduce((sum, part) => sum + part, 0) !== size) {
    throw new InvalidRequestError(`an axis of ${size} does not split into ${count} parts of [${parts}]`);
  }
  return parts;
};

const split: Operator = {
  opsets: [2, LAST_OPSET],
  attributes: ['axis', 'split', 'num_outputs'],
  compile: (node) => {
    const axis = node.attributes.integer('axis') ?? 0;
    const sizesOf = integersAt(node, { attribute: 'split', input: 1, inputSince: 13 });
    const even = node.attributes.integer('num_outputs') === undefined;
    const { datatype } = inputAt(node, 0);
    const count = node.outputCount;
    return {
      datatypes: Array.from({ length: count }, () => datatype),
      run: (inputs) => {
        const value = given(inputs, 0);
        const at = axisOf(axis, value.shape.length);
        const size = value.shape[at] as number;
        const wanted = sizesOf(inputs);
        if (wanted === undefined && even && size % count !== 0) {
          throw new InvalidRequestError(`an axis of ${size} does not split into ${count} parts`);
        }
        let start = 0;
        return partsOf(size, wanted, count).map((part) => {
          const indices = Array.from({ length: part }, (_, i) => start + i);
          start += part;
          return gatherAxis(value, at, indices, withSize(value.shape, at, part));
        });
      },
    };
  },
};

const tile: Operator = {
  opsets: [6, LAST_OPSET],
  compile: (node) => {
    datatypeAt(node, 1, ['INT64']);
    return {
      datatypes: [inputAt(node, 0).datatype],
      run: (inputs) => {
        let value = given(inputs, 0);
        const repeats = numbersOf(given(inputs, 1));
        if (repeats.length !== value.shape.length) {
          throw new InvalidRequestError(
            `repeats [${Array.from(repeats)}] are not one for each axis of [${value.shape}]`,
          );
        }
        for (let axis = 0; axis < repeats.length; axis++) value = repeat(value, axis, repeats[axis] as number);
        return [value];
      },
    };
  },
};

const repeat = (value: Value, axis: number, times: number): Value => {
  if (times === 1) return value;
  if (times < 0) throw new InvalidRequestError(`repeats must not be negative, got ${times}`);
  const { outer, size, inner } = splitAt(value.shape, axis);
  const result = newValue(value.datatype, withSize(value.shape, axis, size * times));
  const run = size * inner;
  for (let copy = 0; copy < outer * times; copy++)
    copyRun(value, Math.floor(copy / times) * run, result, copy * run, run);
  return result;
};

export const MOVE_OPERATORS: Operators = {
  Transpose: transpose,
  Gather: gather,
  Slice: slice,
  Split: split,
  Tile: tile,
};
