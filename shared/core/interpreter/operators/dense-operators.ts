import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { FloatDatatype, Value } from '../value.ts';
import { axisOf, countOf, newValue, numbersOf } from '../value.ts';
import { broadcastShape, placeAt, readingOf } from './broadcast.ts';
import { constantAt, datatypeAt, given, type Operator, type OperatorNode, type Operators } from './operator.ts';

/** Products with matrices, and what normalises layers. Sums are made in float64 and rounded once. */

const FLOATS = ['FP32', 'FP64'] as const;
const LAST_OPSET = 25;

type Numbers = Float32Array | Float64Array;

/** A matrix in a list of numbers: where its first stands, and the steps from row to row and column to column. */
export interface Matrix {
  readonly data: ArrayLike<number>;
  readonly start: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Of one product of two matrices: beyond it a thread would stand still for too long. */
const MOST_MULTIPLICATIONS = 2 ** 31;

/** `into[row * columns + column] = scale * a · b`, each sum in float64. */
export const multiply = (
  a: Matrix,
  b: Matrix,
  sizes: { readonly rows: number; readonly inner: number; readonly columns: number; readonly scale: number },
  into: { readonly data: Numbers; readonly start: number },
): void => {
  const { rows, inner, columns, scale } = sizes;
  if (rows * inner * columns > MOST_MULTIPLICATIONS) {
    throw new InvalidRequestError(`a product takes ${rows * inner * columns} multiplications`);
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let left = a.start + row * a.rowStep;
      let right = b.start + column * b.columnStep;
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        sum += (a.data[left] as number) * (b.data[right] as number);
        left += a.columnStep;
        right += b.rowStep;
      }
      into.data[into.start + row * columns + column] = scale * sum;
    }
  }
};

const matrixOf = (value: Value, transposed: boolean): Matrix & { readonly rows: number; readonly columns: number } => {
  const [height, width] = value.shape;
  if (value.shape.length !== 2 || height === undefined || width === undefined) {
    throw new InvalidRequestError(`a matrix has two axes, got shape [${value.shape}]`);
  }
  const data = numbersOf(value);
  return transposed
    ? { data, start: 0, rowStep: 1, columnStep: width, rows: width, columns: height }
    : { data, start: 0, rowStep: width, columnStep: 1, rows: height, columns: width };
};

/** What a constant matrix costs each row; without one the cost is the request's. */
const costOf = (node: OperatorNode): { readonly multiplications?: number } => {
  const constant = node.inputs[1]?.constant ?? node.inputs[0]?.constant;
  return constant === undefined ? {} : { multiplications: countOf(constant.shape) };
};

const gemm: Operator = {
  opsets: [7, LAST_OPSET],
  attributes: ['alpha', 'beta', 'transA', 'transB'],
  compile: (node) => {
    const datatype: FloatDatatype = datatypeAt(node, 0, FLOATS);
    datatypeAt(node, 1, [datatype]);
    if (node.inputs[2] !== undefined) datatypeAt(node, 2, [datatype]);
    const { attributes } = node;
    const [alpha, beta] = [attributes.float('alpha') ?? 1, attributes.float('beta') ?? 1];
    const [turnsA, turnsB] = [(attributes.integer('transA') ?? 0) !== 0, (attributes.integer('transB') ?? 0) !== 0];
    return {
      datatypes: [datatype],
      ...costOf(node),
      run: (inputs) => {
        const [a, b] = [matrixOf(given(inputs, 0), turnsA), matrixOf(given(inputs, 1), turnsB)];
        if (a.columns !== b.rows) {
          throw new InvalidRequestError(`matrices of ${a.columns} columns and ${b.rows} rows do not go together`);
        }
        const result = newValue(datatype, [a.rows, b.columns]);
        const into = result.data as Numbers;
        multiply(a, b, { rows: a.rows, inner: a.columns, columns: b.columns, scale: alpha }, { data: into, start: 0 });
        if (inputs[2] !== undefined && beta !== 0) addBroadcast(result, inputs[2], beta);
        return [result];
      },
    };
  },
};

const addBroadcast = (result: Value, added: Value, scale: number): void => {
  if (broadcastShape([result.shape, added.shape]).some((size, axis) => size !== result.shape[axis])) {
    throw new InvalidRequestError(`shape [${added.shape}] does not broadcast to [${result.shape}]`);
  }
  const reading = readingOf(added.shape, result.shape);
  const [into, from] = [result.data as Numbers, added.data as Numbers];
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + scale * (from[placeAt(reading, i)] as number);
};

/** Vectors count as a matrix of one row on the left, of one column on the right. */
const matMulValues = (a: Value, b: Value, datatype: FloatDatatype): Value => {
  if (a.shape.length === 0 || b.shape.length === 0) throw new InvalidRequestError('a scalar is no matrix');
  const [left, right] = [
    a.shape.length === 1 ? [1, ...a.shape] : a.shape,
    b.shape.length === 1 ? [...b.shape, 1] : b.shape,
  ];
  const [rows, inner] = left.slice(-2) as [number, number];
  const [rightRows, columns] = right.slice(-2) as [number, number];
  if (inner !== rightRows) throw new InvalidRequestError(`shapes [${a.shape}] and [${b.shape}] do not go together`);
  const blocks = broadcastShape([left.slice(0, -2), right.slice(0, -2)]);
  const shape = [...blocks, ...(a.shape.length === 1 ? [] : [rows]), ...(b.shape.length === 1 ? [] : [columns])];
  const result = newValue(datatype, shape);
  const [readA, readB] = [readingOf(left.slice(0, -2), blocks), readingOf(right.slice(0, -2), blocks)];
  for (let block = 0; block < countOf(blocks); block++) {
    multiply(
      { data: numbersOf(a), start: placeAt(readA, block) * rows * inner, rowStep: inner, columnStep: 1 },
      { data: numbersOf(b), start: placeAt(readB, block) * inner * columns, rowStep: columns, columnStep: 1 },
      { rows, inner, columns, scale: 1 },
      { data: result.data as Numbers, start: block * rows * columns },
    );
  }
  return result;
};

const matMul: Operator = {
  opsets: [1, LAST_OPSET],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, FLOATS);
    datatypeAt(node, 1, [datatype]);
    return {
      datatypes: [datatype],
      ...costOf(node),
      run: (inputs) => [matMulValues(given(inputs, 0), given(inputs, 1), datatype)],
    };
  },
};

/** With the statistics of training: what inference uses. */
const batchNormalization: Operator = {
  opsets: [9, LAST_OPSET],
  attributes: ['epsilon', 'momentum', 'training_mode'],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, FLOATS);
    if ((node.attributes.integer('training_mode') ?? 0) !== 0)
      throw new InvalidRequestError('training is not interpreted');
    const epsilon = node.attributes.float('epsilon') ?? Math.fround(1e-5);
    const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => numbersOf(constantAt(node, index))) as [
      ArrayLike<number>,
      ArrayLike<number>,
      ArrayLike<number>,
      ArrayLike<number>,
    ];
    const factor = Float64Array.from(scale, (each, i) => each / Math.sqrt((variance[i] as number) + epsilon));
    const shift = Float64Array.from(bias, (each, i) => each - (mean[i] as number) * (factor[i] as number));
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const channels = value.shape[1] ?? 1;
        if (channels !== factor.length) {
          throw new InvalidRequestError(
            `shape [${value.shape}] has not the ${factor.length} channels of its statistics`,
          );
        }
        const inner = countOf(value.shape.slice(2));
        const result = newValue(datatype, value.shape);
        const [from, into] = [value.data as Numbers, result.data as Numbers];
        for (let i = 0; i < into.length; i++) {
          const channel = Math.floor(i / inner) % channels;
          into[i] = (from[i] as number) * (factor[channel] as number) + (shift[channel] as number);
        }
        return [result];
      },
    };
  },
};

const layerNormalization: Operator = {
  opsets: [17, LAST_OPSET],
  attributes: ['axis', 'epsilon', 'stash_type'],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, FLOATS);
    const axis = node.attributes.integer('axis') ?? -1;
    const epsilon = node.attributes.float('epsilon') ?? Math.fround(1e-5);
    datatypeAt(node, 1, [datatype]);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const at = axisOf(axis, value.shape.length);
        const size = countOf(value.shape.slice(at));
        const [scale, bias] = [numbersOf(given(inputs, 1)), inputs[2] === undefined ? undefined : numbersOf(inputs[2])];
        if (scale.length !== size || (bias !== undefined && bias.length !== size)) {
          throw new InvalidRequestError(
            `scale and bias must have ${size} elements, got ${scale.length} and ${bias?.length}`,
          );
        }
        const result = newValue(datatype, value.shape);
        for (let start = 0; start < result.data.length; start += size) {
          normalize(value.data as Numbers, result.data as Numbers, { start, size, epsilon, scale, bias });
        }
        return [result];
      },
    };
  },
};

interface Normalization {
  readonly start: number;
  readonly size: number;
  readonly epsilon: number;
  readonly scale: ArrayLike<number>;
  readonly bias: ArrayLike<number> | undefined;
}

const normalize = (from: Numbers, into: Numbers, { start, size, epsilon, scale, bias }: Normalization): void => {
  let mean = 0;
  for (let i = 0; i < size; i++) mean += (from[start + i] as number) / size;
  let variance = 0;
  for (let i = 0; i < size; i++) variance += ((from[start + i] as number) - mean) ** 2 / size;
  const factor = 1 / Math.sqrt(variance + epsilon);
  for (let i = 0; i < size; i++) {
    into[start + i] = ((from[start + i] as number) - mean) * factor * (scale[i] as number) + (bias?.[i] ?? 0);
  }
};

export const DENSE_OPERATORS: Operators = {
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
