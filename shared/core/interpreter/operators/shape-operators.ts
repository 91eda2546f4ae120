import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Datatype } from '../../inference/index.ts';
import { axisOf, cellsOf, checkedCountOf, countOf, newValue, numbersOf, type Value } from '../value.ts';
import { broadcastShape, placeAt, readingOf } from './broadcast.ts';
import { type CompiledNode, given, inputAt, type Operator, type OperatorNode, type Operators } from './operator.ts';

/** Operators that read or change a tensor's shape and leave its elements in their order. */

const LAST_OPSET = 25;

/** A list of whole numbers that was an attribute up to some version and is an input since. */
export const integersAt = (
  node: OperatorNode,
  { attribute, input, inputSince }: { readonly attribute: string; readonly input: number; readonly inputSince: number },
): ((inputs: readonly (Value | undefined)[]) => readonly number[] | undefined) => {
  if (node.opset < inputSince) {
    const list = node.attributes.names.includes(attribute) ? [...node.attributes.integers(attribute)] : undefined;
    return () => list;
  }
  if (node.attributes.names.includes(attribute)) {
    throw new InvalidRequestError(`attribute ${attribute} is an input since opset ${inputSince}`);
  }
  if (node.inputs[input] === undefined) return () => undefined;
  return (inputs) => Array.from(numbersOf(given(inputs, input)));
};

const reshaped = ({ datatype, data }: Value, shape: readonly number[]): Value => ({ datatype, shape, data });

/** One input whose elements stay as they are. */
const reshaping = (
  node: OperatorNode,
  shapeOf: (inputs: readonly (Value | undefined)[]) => readonly number[],
): CompiledNode => ({
  datatypes: [inputAt(node, 0).datatype],
  run: (inputs) => [reshaped(given(inputs, 0), shapeOf(inputs))],
});

const resolveShape = (from: readonly number[], wanted: readonly number[], allowZero: boolean): readonly number[] => {
  const sizes = wanted.map((size, axis) => (size === 0 && !allowZero ? (from[axis] ?? Number.NaN) : size));
  const known = countOf(sizes.filter((size) => size !== -1));
  const shape = sizes.map((size) => (size === -1 ? countOf(from) / known : size));
  const open = sizes.filter((size) => size === -1).length;
  if (open > 1 || shape.some((size) => !Number.isInteger(size) || size < 0) || countOf(shape) !== countOf(from)) {
    throw new InvalidRequestError(`shape [${from}] cannot become [${wanted}]`);
  }
  return shape;
};

const reshape: Operator = {
  opsets: [5, LAST_OPSET],
  attributes: ['allowzero'],
  compile: (node) => {
    const allowZero = node.attributes.integer('allowzero') === 1;
    inputAt(node, 1);
    return reshaping(node, (inputs) =>
      resolveShape(given(inputs, 0).shape, Array.from(numbersOf(given(inputs, 1))), allowZero),
    );
  },
};

const flatten: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['axis'],
  compile: (node) => {
    const axis = node.attributes.integer('axis') ?? 1;
    return reshaping(node, (inputs) => {
      const { shape } = given(inputs, 0);
      const at = axis === shape.length ? axis : axisOf(axis, shape.length);
      return [countOf(shape.slice(0, at)), countOf(shape.slice(at))];
    });
  },
};

const squeeze: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['axes'],
  compile: (node) => {
    const axesOf = integersAt(node, { attribute: 'axes', input: 1, inputSince: 13 });
    return reshaping(node, (inputs) => {
      const { shape } = given(inputs, 0);
      const axes = axesOf(inputs)?.map((axis) => axisOf(axis, shape.length));
      return shape.filter((size, axis) => {
        const dropped = axes === undefined ? size === 1 : axes.includes(axis);
        if (dropped && size !== 1) throw new InvalidRequestError(`axis ${axis} of shape [${shape}] is not 1`);
        return !dropped;
      });
    });
  },
};

const unsqueeze: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['axes'],
  compile: (node) => {
    const axesOf = integersAt(node, { attribute: 'axes', input: 1, inputSince: 13 });
    return reshaping(node, (inputs) => {
      const { shape } = given(inputs, 0);
      const wanted = axesOf(inputs) ?? [];
      const rank = shape.length + wanted.length;
      const axes = new Set(wanted.map((axis) => axisOf(axis, rank)));
      if (axes.size !== wanted.length) throw new InvalidRequestError(`axes [${wanted}] repeat one`);
      let next = 0;
      return Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (shape[next++] as number)));
    });
  },
};

const integers = (numbers: readonly number[]): Value => ({
  datatype: 'INT64',
  shape: [numbers.length],
  data: BigInt64Array.from(numbers, BigInt),
});

const shapeOperator: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['start', 'end'],
  compile: (node) => {
    inputAt(node, 0);
    const start = node.attributes.integer('start') ?? 0;
    const end = node.attributes.integer('end');
    return { datatypes: ['INT64'], run: (inputs) => [integers(given(inputs, 0).shape.slice(start, end))] };
  },
};

const size: Operator = {
  opsets: [1, LAST_OPSET],
  compile: (node) => {
    inputAt(node, 0);
    return {
      datatypes: ['INT64'],
      run: (inputs) => [
        { datatype: 'INT64', shape: [], data: BigInt64Array.of(BigInt(countOf(given(inputs, 0).shape))) },
      ],
    };
  },
};

const identity: Operator = {
  opsets: [1, LAST_OPSET],
  compile: (node) => reshaping(node, (inputs) => given(inputs, 0).shape),
};

/** At inference everything is kept, and the mask says so. */
const dropout: Operator = {
  opsets: [7, LAST_OPSET],
  attributes: ['ratio', 'seed'],
  compile: (node) => {
    const training = node.inputs[2];
    if (training !== undefined && (training.constant === undefined || numbersOf(training.constant)[0] !== 0)) {
      throw new InvalidRequestError('training is not interpreted');
    }
    return {
      datatypes: [inputAt(node, 0).datatype, 'BOOL'],
      run: (inputs) => {
        const value = given(inputs, 0);
        const mask = newValue('BOOL', value.shape);
        (mask.data as Uint8Array).fill(1);
        return [value, mask];
      },
    };
  },
};

/** Fills a new tensor of a shape from a tensor that is broadcast to it. */
const spread = (value: Value, shape: readonly number[]): Value => {
  const result = newValue(value.datatype, shape);
  const [from, to] = [cellsOf(value), cellsOf(result)];
  const reading = readingOf(value.shape, shape);
  for (let i = 0; i < to.length; i++) to[i] = from[placeAt(reading, i)] as never;
  return result;
};

const sizesAt = (inputs: readonly (Value | undefined)[], index: number): readonly number[] => {
  const sizes = Array.from(numbersOf(given(inputs, index)));
  if (sizes.some((each) => each < 0)) throw new InvalidRequestError(`a shape has the sizes [${sizes}]`);
  checkedCountOf(sizes);
  return sizes;
};

const expand: Operator = {
  opsets: [8, LAST_OPSET],
  compile: (node) => {
    inputAt(node, 1);
    return {
      datatypes: [inputAt(node, 0).datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        return [spread(value, broadcastShape([value.shape, sizesAt(inputs, 1)]))];
      },
    };
  },
};

const constantOfShape: Operator = {
  opsets: [9, LAST_OPSET],
  attributes: ['value'],
  compile: (node) => {
    inputAt(node, 0);
    const value = node.attributes.tensor('value') ?? newValue('FP32', [1]);
    if (value.data.length !== 1) throw new InvalidRequestError(`value must have 1 element, got ${value.data.length}`);
    return { datatypes: [value.datatype], run: (inputs) => [spread({ ...value, shape: [] }, sizesAt(inputs, 0))] };
  },
};

const constantOf = ({ attributes }: OperatorNode): Value => {
  const [name] = attributes.names;
  if (name === 'value') return attributes.tensor(name) as Value;
  if (name === 'value_float')
    return { datatype: 'FP32', shape: [], data: Float32Array.of(attributes.float(name) ?? 0) };
  if (name === 'value_int') {
    return { datatype: 'INT64', shape: [], data: BigInt64Array.of(attributes.bigInteger(name) ?? 0n) };
  }
  if (name === 'value_string') return { datatype: 'BYTES', shape: [], data: [attributes.text(name) ?? ''] };
  const lists = {
    value_floats: () => ['FP32', Float32Array.from(attributes.floats('value_floats'))] as const,
    value_ints: () => ['INT64', BigInt64Array.from(attributes.bigIntegers('value_ints'))] as const,
    value_strings: () => ['BYTES', attributes.texts('value_strings')] as const,
  };
  const read = lists[name as keyof typeof lists];
  if (read === undefined) throw new InvalidRequestError('it has no value');
  const [datatype, data] = read();
  return { datatype: datatype as Datatype, shape: [data.length], data };
};

const constant: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['value', 'value_float', 'value_floats', 'value_int', 'value_ints', 'value_string', 'value_strings'],
  compile: (node) => {
    if (node.attributes.names.length !== 1) throw new InvalidRequestError('it must have one value');
    const value = constantOf(node);
    return { datatypes: [value.datatype], run: () => [value] };
  },
};

export const SHAPE_OPERATORS: Operators = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Shape: shapeOperator,
  Size: size,
  Identity: identity,
  Dropout: dropout,
  Expand: expand,
  ConstantOfShape: constantOfShape,
  Constant: constant,
};
