import { InvalidRequestError } from '../../../kernel/errors.ts';
import { type Cell, cellsOf, countOf, newValue, numbersOf, type Value } from '../value.ts';
import { gatherAxis } from './move-operators.ts';
import { datatypeAt, given, inputAt, type Operator, type OperatorNode, type Operators, wordOf } from './operator.ts';

/** What prepares features in ai.onnx.ml: https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md. */

const NUMBERS = ['FP32', 'FP64', 'INT64', 'INT32'] as const;
const ML_OPSETS = [1, 5] as const;

/** Features of a row: of a vector all, of a matrix its columns. */
const featureCountOf = ({ shape }: Value): number => (shape.length === 1 ? shape[0] : shape[1]) ?? 0;

const onePerFeature = (list: ArrayLike<unknown>, value: Value, name: string): void => {
  if (list.length !== 1 && list.length !== featureCountOf(value)) {
    throw new InvalidRequestError(`${name} must have 1 or ${featureCountOf(value)} values, got ${list.length}`);
  }
};

const scaler: Operator = {
  opsets: ML_OPSETS,
  attributes: ['offset', 'scale'],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, NUMBERS);
    const [offset, scale] = [node.attributes.floats('offset'), node.attributes.floats('scale')];
    if (scale.length === 0 || scale.length !== offset.length) {
      throw new InvalidRequestError(`scale has ${scale.length} values and offset ${offset.length}`);
    }
    // Integers are taken as float32 first.
    const round = datatype === 'FP64' ? (x: number) => x : Math.fround;
    return {
      datatypes: ['FP32'],
      run: (inputs) => {
        const value = given(inputs, 0);
        onePerFeature(scale, value, 'scale');
        const result = newValue('FP32', value.shape);
        const [from, into] = [numbersOf(value), result.data as Float32Array];
        for (let i = 0; i < into.length; i++) {
          const feature = i % scale.length;
          into[i] = round(round(from[i] as number) - (offset[feature] as number)) * (scale[feature] as number);
        }
        return [result];
      },
    };
  },
};

type RowNorm = (row: Float32Array) => void;

const divideBy = (row: Float32Array, by: number): void => {
  if (by !== 0) for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) / by;
};

const LOWEST = -3.4028234663852886e38;

const NORMS: Readonly<Record<'MAX' | 'L1' | 'L2', RowNorm>> = {
  MAX: (row) =>
    divideBy(
      row,
      row.reduce((most, x) => (most < x ? x : most), LOWEST),
    ),
  L1: (row) =>
    divideBy(
      row,
      row.reduce((sum, x) => Math.fround(sum + Math.abs(x)), 0),
    ),
  L2: (row) => {
    const sum = row.reduce((total, x) => Math.fround(total + Math.fround(x * x)), 0);
    if (sum === 0) return;
    for (let i = 0; i < row.length; i++) {
      const x = row[i] as number;
      const part = Math.sqrt(Math.fround(Math.fround(x * x) / sum));
      row[i] = x < 0 ? -part : part;
    }
  },
};

const normalizer: Operator = {
  opsets: ML_OPSETS,
  attributes: ['norm'],
  compile: (node) => {
    datatypeAt(node, 0, NUMBERS);
    const norm = NORMS[wordOf('norm', node.attributes.text('norm') ?? 'MAX', ['MAX', 'L1', 'L2'])];
    return {
      datatypes: ['FP32'],
      run: (inputs) => {
        const value = given(inputs, 0);
        if (value.shape.length > 2 || value.shape.length === 0) {
          throw new InvalidRequestError(`rows are normalised, got shape [${value.shape}]`);
        }
        const data = Float32Array.from(numbersOf(value));
        const width = featureCountOf(value);
        for (let start = 0; width > 0 && start < data.length; start += width) norm(data.subarray(start, start + width));
        return [{ datatype: 'FP32', shape: value.shape, data }];
      },
    };
  },
};

const isNan = (cell: Cell): boolean => typeof cell === 'number' && Number.isNaN(cell);

const imputer: Operator = {
  opsets: ML_OPSETS,
  attributes: ['imputed_value_floats', 'imputed_value_int64s', 'replaced_value_float', 'replaced_value_int64'],
  compile: (node) => {
    const { attributes } = node;
    const datatype = datatypeAt(node, 0, ['FP32', 'INT64']);
    const imputed: ArrayLike<Cell> =
      datatype === 'FP32' ? attributes.floats('imputed_value_floats') : attributes.bigIntegers('imputed_value_int64s');
    if (imputed.length === 0) throw new InvalidRequestError(`it has no imputed value of ${datatype}`);
    const replaced: Cell =
      datatype === 'FP32'
        ? (attributes.float('replaced_value_float') ?? 0)
        : (attributes.bigInteger('replaced_value_int64') ?? 0n);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const result = newValue(datatype, value.shape);
        const [from, into] = [cellsOf(value), cellsOf(result)];
        const period = imputed.length === featureCountOf(value) ? imputed.length : 1;
        for (let i = 0; i < into.length; i++) {
          const cell = from[i] as Cell;
          into[i] = cell === replaced || (isNan(cell) && isNan(replaced)) ? (imputed[i % period] as Cell) : cell;
        }
        return [result];
      },
    };
  },
};

const binarizer: Operator = {
  opsets: ML_OPSETS,
  attributes: ['threshold'],
  compile: (node) => {
    datatypeAt(node, 0, ['FP32']);
    const threshold = node.attributes.float('threshold') ?? 0;
    return {
      datatypes: ['FP32'],
      run: (inputs) => {
        const { shape, data } = given(inputs, 0);
        return [{ datatype: 'FP32', shape, data: (data as Float32Array).map((x) => (x > threshold ? 1 : 0)) }];
      },
    };
  },
};

const arrayFeatureExtractor: Operator = {
  opsets: ML_OPSETS,
  compile: (node) => {
    datatypeAt(node, 1, ['INT64']);
    return {
      datatypes: [datatypeAt(node, 0, [...NUMBERS, 'BYTES'])],
      run: (inputs) => {
        const [value, indices] = [given(inputs, 0), numbersOf(given(inputs, 1))];
        const rank = value.shape.length;
        if (rank === 0 || indices.length === 0) throw new InvalidRequestError('there is nothing to extract');
        const negative = Array.from(indices).find((index) => index < 0);
        if (negative !== undefined) throw new InvalidRequestError(`an index must not be negative, got ${negative}`);
        const shape = rank === 1 ? [1, indices.length] : value.shape.with(rank - 1, indices.length);
        return [gatherAxis(value, rank - 1, indices, shape)];
      },
    };
  },
};

/** Puts the features of several tensors into one row; each has its width, cut or filled with zeros. */
const featureVectorizer: Operator = {
  opsets: ML_OPSETS,
  attributes: ['inputdimensions'],
  compile: (node) => {
    const widths = node.attributes.integers('inputdimensions');
    if (widths.length !== node.inputs.length || widths.some((width) => !(width >= 0))) {
      throw new InvalidRequestError(`inputdimensions has ${widths.length} widths for ${node.inputs.length} inputs`);
    }
    node.inputs.forEach((_, index) => {
      datatypeAt(node, index, NUMBERS);
    });
    const total = widths.reduce((sum, width) => sum + width, 0);
    return {
      datatypes: ['FP32'],
      run: (inputs) => {
        const values = inputs.map((_, index) => given(inputs, index));
        const rowCount = values[0]?.shape.length === 1 ? 1 : (values[0]?.shape[0] ?? 0);
        const result = newValue('FP32', [rowCount, total]);
        let offset = 0;
        values.forEach((value, index) => {
          vectorize(value, result.data as Float32Array, { rowCount, width: widths[index] as number, offset, total });
          offset += widths[index] as number;
        });
        return [result];
      },
    };
  },
};

interface Place {
  readonly rowCount: number;
  readonly width: number;
  readonly offset: number;
  readonly total: number;
}

const vectorize = (value: Value, into: Float32Array, { rowCount, width, offset, total }: Place): void => {
  const isVector = value.shape.length === 1;
  const given0 = isVector ? (value.shape[0] as number) : countOf(value.shape.slice(1));
  if ((isVector ? 1 : value.shape[0]) !== rowCount) throw new InvalidRequestError('its inputs differ in rows');
  const numbers = numbersOf(value);
  for (let row = 0; row < rowCount; row++) {
    for (let i = 0; i < Math.min(width, given0); i++) {
      into[row * total + offset + i] = numbers[row * given0 + i] as number;
    }
  }
};

/** The maps are left to the caller: the scores, one column a class, say the same. */
const zipMap: Operator = {
  opsets: ML_OPSETS,
  attributes: ['classlabels_strings', 'classlabels_int64s'],
  compile: (node: OperatorNode) => {
    datatypeAt(node, 0, ['FP32']);
    inputAt(node, 0);
    return { datatypes: ['FP32'], run: (inputs) => [given(inputs, 0)] };
  },
};

export const FEATURE_OPERATORS: Operators = {
  'ai.onnx.ml:Scaler': scaler,
  'ai.onnx.ml:Normalizer': normalizer,
  'ai.onnx.ml:Imputer': imputer,
  'ai.onnx.ml:Binarizer': binarizer,
  'ai.onnx.ml:ArrayFeatureExtractor': arrayFeatureExtractor,
  'ai.onnx.ml:FeatureVectorizer': featureVectorizer,
  'ai.onnx.ml:ZipMap': zipMap,
};
