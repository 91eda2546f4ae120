import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Datatype, TensorData } from '../../inference/index.ts';
import { checkedCountOf, newData, type Value } from '../value.ts';
import {
  addBigIntegers,
  addDoubles,
  addFloats,
  addIntegers,
  emptyList,
  type NumberList,
  numbersIn,
} from './number-lists.ts';
import { contentOf, eachField, type Field, integerOf, textOf } from './wire-fields.ts';

/** Our word for each TensorProto.DataType: https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto. */
const DATATYPES: Readonly<Record<number, Datatype>> = {
  1: 'FP32',
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  6: 'INT32',
  7: 'INT64',
  8: 'BYTES',
  9: 'BOOL',
  11: 'FP64',
  12: 'UINT32',
  13: 'UINT64',
};

/** @throws InvalidRequestError for an element type that is not interpreted. */
export const datatypeOf = (elementType: number): Datatype => {
  const datatype = DATATYPES[elementType];
  if (datatype === undefined) throw new InvalidRequestError(`element type ${elementType} is not interpreted`);
  return datatype;
};

interface TensorDraft {
  name: string;
  elementType: number;
  readonly shape: number[];
  raw: Uint8Array | undefined;
  /** Numbers by the field they stand in, which says of which type they are. */
  readonly floats: NumberList<Float32Array>;
  readonly doubles: NumberList<Float64Array>;
  readonly integers: NumberList<Float64Array>;
  readonly bigIntegers: NumberList<BigInt64Array>;
  readonly texts: string[];
}

const refuseExternal = (): never => {
  throw new InvalidRequestError('a tensor has its data in another file');
};

const READERS: Readonly<Record<number, (draft: TensorDraft, field: Field) => void>> = {
  1: (draft, field) => {
    const sizes = emptyList(Float64Array);
    addIntegers(field, sizes);
    for (const size of numbersIn(sizes)) draft.shape.push(size);
  },
  2: (draft, field) => {
    draft.elementType = integerOf(field);
  },
  3: () => {
    throw new InvalidRequestError('a tensor stands in segments');
  },
  4: (draft, field) => addFloats(field, draft.floats),
  5: (draft, field) => addIntegers(field, draft.integers),
  6: (draft, field) => draft.texts.push(textOf(field)),
  7: (draft, field) => addBigIntegers(field, draft.bigIntegers),
  8: (draft, field) => {
    draft.name = textOf(field);
  },
  9: (draft, field) => {
    draft.raw = contentOf(field);
  },
  10: (draft, field) => addDoubles(field, draft.doubles),
  11: (draft, field) => addBigIntegers(field, draft.bigIntegers),
  13: refuseExternal,
  14: (_draft, field) => {
    if (integerOf(field) !== 0) refuseExternal();
  },
};

/** Protobuf's little-endian order is that of every machine Node runs on for us; the copy also aligns. */
const fromRaw = (datatype: Datatype, count: number, raw: Uint8Array): TensorData => {
  if (datatype === 'BYTES') throw new InvalidRequestError('a tensor of texts has raw data');
  const width = newData(datatype, 1) as Uint8Array;
  if (count * width.byteLength !== raw.length) {
    throw new InvalidRequestError(`a tensor of ${count * width.byteLength} bytes has ${raw.length} bytes of data`);
  }
  const data = newData(datatype, count) as Uint8Array;
  new Uint8Array(data.buffer).set(raw);
  return data;
};

const readList = (draft: TensorDraft, datatype: Datatype): ArrayLike<number | bigint> => {
  const lists = { FP32: draft.floats, FP64: draft.doubles, INT64: draft.bigIntegers, UINT64: draft.bigIntegers };
  if (datatype === 'UINT32') return Array.from(numbersIn(draft.bigIntegers), Number);
  return numbersIn<Float32Array | Float64Array | BigInt64Array>(
    lists[datatype as keyof typeof lists] ?? draft.integers,
  );
};

const fromList = (draft: TensorDraft, datatype: Datatype, count: number): TensorData => {
  const list = datatype === 'BYTES' ? draft.texts : readList(draft, datatype);
  // Before anything of that size is made: a shape is easily written, data is not.
  if (list.length !== count) {
    throw new InvalidRequestError(`a tensor of ${count} elements has ${list.length} in its data`);
  }
  if (datatype === 'BYTES') return draft.texts;
  const data = newData(datatype, count) as unknown as (number | bigint)[];
  for (let i = 0; i < count; i++) data[i] = list[i] as number | bigint;
  return data as unknown as TensorData;
};

/**
 * Reads a TensorProto.
 * @throws InvalidRequestError for one that is malformed, of a type that is not interpreted, or stored elsewhere.
 */
export const readTensor = (bytes: Uint8Array): { readonly name: string; readonly value: Value } => {
  const draft: TensorDraft = {
    name: '',
    elementType: 0,
    shape: [],
    raw: undefined,
    floats: emptyList(Float32Array),
    doubles: emptyList(Float64Array),
    integers: emptyList(Float64Array),
    bigIntegers: emptyList(BigInt64Array),
    texts: [],
  };
  eachField(bytes, (field) => READERS[field.number]?.(draft, field));
  const { name, shape, raw } = draft;
  const datatype = datatypeOf(draft.elementType);
  if (shape.some((size) => size < 0)) throw new InvalidRequestError(`a tensor has the shape [${shape}]`);
  const count = checkedCountOf(shape);
  const data = raw === undefined ? fromList(draft, datatype, count) : fromRaw(datatype, count, raw);
  return { name, value: { datatype, shape, data } };
};
