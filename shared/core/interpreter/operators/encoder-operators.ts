import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Datatype } from '../../inference/index.ts';
import { type Cell, cellsOf, newValue, type Value } from '../value.ts';
import { datatypeAt, given, type Operator, type OperatorNode, type Operators } from './operator.ts';

/** Encoders of ai.onnx.ml: https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md. */

interface List {
  readonly datatype: Datatype;
  readonly cells: ArrayLike<Cell>;
}

const NAN = Symbol('NaN');

/** A key as a map finds it: NaN is equal to no other, but is found by itself. */
const keyOf = (cell: Cell): Cell | typeof NAN => (typeof cell === 'number' && Number.isNaN(cell) ? NAN : cell);

const listOf = ({ attributes }: OperatorNode, prefix: 'keys' | 'values'): List => {
  const lists = [
    { name: `${prefix}_strings`, datatype: 'BYTES', read: () => attributes.texts(`${prefix}_strings`) },
    { name: `${prefix}_int64s`, datatype: 'INT64', read: () => attributes.bigIntegers(`${prefix}_int64s`) },
    { name: `${prefix}_floats`, datatype: 'FP32', read: () => attributes.floats(`${prefix}_floats`) },
  ] as const;
  const given0 = lists.filter(({ name }) => attributes.names.includes(name));
  const tensor = attributes.tensor(`${prefix}_tensor`);
  if (given0.length + (tensor === undefined ? 0 : 1) !== 1) {
    throw new InvalidRequestError(
      `${prefix} must be given in one way, got ${given0.length + (tensor === undefined ? 0 : 1)}`,
    );
  }
  if (tensor !== undefined) return { datatype: tensor.datatype, cells: cellsOf(tensor) };
  const [only] = given0;
  return { datatype: (only as (typeof lists)[number]).datatype, cells: (only as (typeof lists)[number]).read() };
};

const defaultOf = ({ attributes }: OperatorNode, datatype: Datatype): Cell => {
  const tensor = attributes.tensor('default_tensor');
  if (tensor !== undefined) {
    if (tensor.datatype !== datatype || tensor.data.length !== 1) {
      throw new InvalidRequestError(`default_tensor must be one ${datatype}`);
    }
    return cellsOf(tensor)[0] as Cell;
  }
  if (datatype === 'BYTES') return attributes.text('default_string') ?? '_Unused';
  if (datatype === 'INT64') return attributes.bigInteger('default_int64') ?? -1n;
  if (datatype === 'FP32') return attributes.float('default_float') ?? -0;
  return datatype === 'FP64' ? -0 : -1;
};

const mapValue = (value: Value, datatype: Datatype, map: (cell: Cell) => Cell): Value => {
  const result = newValue(datatype, value.shape);
  const [read, write] = [cellsOf(value), cellsOf(result)];
  for (let i = 0; i < write.length; i++) write[i] = map(read[i] as Cell);
  return result;
};

/** A NaN among the keys stands for NaN since version 4; before, nothing is equal to it. */
const NAN_KEYS_SINCE = 4;

const mapping = (node: OperatorNode, keys: List, values: List, fallback: Cell) => {
  if (keys.cells.length !== values.cells.length) {
    throw new InvalidRequestError(`it has ${keys.cells.length} keys and ${values.cells.length} values`);
  }
  datatypeAt(node, 0, [keys.datatype]);
  const table = new Map<Cell | typeof NAN, Cell>();
  for (let i = 0; i < keys.cells.length; i++) {
    const key = keyOf(keys.cells[i] as Cell);
    if (key === NAN && node.opset < NAN_KEYS_SINCE) continue;
    if (!table.has(key)) table.set(key, values.cells[i] as Cell);
  }
  const { datatype } = values;
  const map = (cell: Cell): Cell => table.get(keyOf(cell)) ?? fallback;
  return {
    datatypes: [datatype],
    run: (inputs: readonly (Value | undefined)[]) => [mapValue(given(inputs, 0), datatype, map)],
  };
};

/** Version 1 had one list of texts, whose places were their numbers. */
const encodeClasses = (node: OperatorNode) => {
  const texts: List = { datatype: 'BYTES', cells: node.attributes.texts('classes_strings') };
  const places: List = { datatype: 'INT64', cells: Array.from(texts.cells, (_, i) => BigInt(i)) };
  return datatypeAt(node, 0, ['BYTES', 'INT64']) === 'BYTES'
    ? mapping(node, texts, places, defaultOf(node, 'INT64'))
    : mapping(node, places, texts, defaultOf(node, 'BYTES'));
};

const LISTS = ['strings', 'int64s', 'floats', 'tensor'];
const DEFAULTS = ['default_string', 'default_int64', 'default_float', 'default_tensor'];

const labelEncoder: Operator = {
  opsets: [1, 5],
  attributes: ['classes_strings', ...LISTS.flatMap((list) => [`keys_${list}`, `values_${list}`]), ...DEFAULTS],
  compile: (node) => {
    if (node.opset === 1) return encodeClasses(node);
    const values = listOf(node, 'values');
    return mapping(node, listOf(node, 'keys'), values, defaultOf(node, values.datatype));
  },
};

const categoryMapper: Operator = {
  opsets: [1, 5],
  attributes: ['cats_strings', 'cats_int64s', 'default_string', 'default_int64'],
  compile: (node) => {
    const texts: List = { datatype: 'BYTES', cells: node.attributes.texts('cats_strings') };
    const integers: List = { datatype: 'INT64', cells: node.attributes.bigIntegers('cats_int64s') };
    return datatypeAt(node, 0, ['BYTES', 'INT64']) === 'BYTES'
      ? mapping(node, texts, integers, defaultOf(node, 'INT64'))
      : mapping(node, integers, texts, defaultOf(node, 'BYTES'));
  },
};

/** Numbers are compared as int64, as onnxruntime casts them. */
const categoryKey = (cell: Cell): Cell => {
  if (typeof cell !== 'number') return cell;
  return Number.isFinite(cell) ? BigInt(Math.trunc(cell)) : 'none';
};

const oneHotEncoder: Operator = {
  opsets: [1, 5],
  attributes: ['cats_strings', 'cats_int64s', 'zeros'],
  compile: (node) => {
    const { attributes } = node;
    const texts = attributes.texts('cats_strings');
    const integers = attributes.bigIntegers('cats_int64s');
    if (texts.length > 0 === integers.length > 0) throw new InvalidRequestError('it must have one list of categories');
    const isText = datatypeAt(node, 0, ['BYTES', 'INT64', 'INT32', 'FP32', 'FP64']) === 'BYTES';
    if (isText !== texts.length > 0) throw new InvalidRequestError('its categories are of another type than its input');
    const categories: readonly Cell[] = isText ? texts : [...integers];
    const placeOf = new Map<Cell, number>(categories.map((category, place) => [category, place]));
    const zeros = (attributes.integer('zeros') ?? 1) !== 0;
    return {
      datatypes: ['FP32'],
      run: (inputs) => {
        const value = given(inputs, 0);
        const result = newValue('FP32', [...value.shape, categories.length]);
        const cells = cellsOf(value);
        for (let i = 0; i < cells.length; i++) {
          const place = placeOf.get(isText ? (cells[i] as Cell) : categoryKey(cells[i] as Cell));
          if (place !== undefined) (result.data as Float32Array)[i * categories.length + place] = 1;
          else if (!zeros) throw new InvalidRequestError('a category is unknown, and zeros do not stand for such');
        }
        return [result];
      },
    };
  },
};

export const ENCODER_OPERATORS: Operators = {
  'ai.onnx.ml:LabelEncoder': labelEncoder,
  'ai.onnx.ml:CategoryMapper': categoryMapper,
  'ai.onnx.ml:OneHotEncoder': oneHotEncoder,
};
