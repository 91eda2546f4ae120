import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Value } from '../value.ts';
import {
  addBigIntegers,
  addFloats,
  addIntegers,
  bytesAsIntegers,
  emptyList,
  type NumberList,
  numbersIn,
} from './number-lists.ts';
import { readTensor } from './read-tensor.ts';
import { contentOf, eachField, type Field, integerOf, readWord, readWords, textOf } from './wire-fields.ts';

/** Of AttributeProto: https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto. */
const FIELD = { float: 2, integer: 3, text: 4, tensor: 5, floats: 7, integers: 8, texts: 9 } as const;
const REFERENCE = 21;

/** A node's attributes, each read when an operator asks for it by its type. Absent ones are undefined or empty. */
export interface Attributes {
  readonly names: readonly string[];
  /** The whole AttributeProto. */
  bytes(name: string): Uint8Array | undefined;
  float(name: string): number | undefined;
  integer(name: string): number | undefined;
  /** Exact. */
  bigInteger(name: string): bigint | undefined;
  text(name: string): string | undefined;
  tensor(name: string): Value | undefined;
  floats(name: string): Float32Array;
  /** Exact below 2^53. */
  integers(name: string): Float64Array;
  /** As `integers`, in an array that is as small as they are: read faster, and each no object of its own. */
  compactIntegers(name: string): Uint8Array | Int32Array | Float64Array;
  bigIntegers(name: string): BigInt64Array;
  texts(name: string): readonly string[];
  /** Texts that are some words each, as their places among these. @throws InvalidRequestError for another text. */
  words(name: string, words: readonly string[]): Uint8Array;
}

/** Writers put the name first: a long list behind it is not gone through for it. */
export const readAttributeName = (bytes: Uint8Array): string => {
  let name = '';
  eachField(bytes, (field) => {
    if (field.number !== 1) return true;
    name = textOf(field);
    return false;
  });
  return name;
};

type NumberArray = Float32Array | Float64Array | BigInt64Array;

const FLOATS = { Type: Float32Array, add: addFloats };
const INTEGERS = { Type: Float64Array, add: addIntegers };
const BIG_INTEGERS = { Type: BigInt64Array, add: addBigIntegers };

export const createAttributes = (bytesByName: ReadonlyMap<string, Uint8Array>): Attributes => {
  const one = <T>(name: string, number: number, read: (field: Field) => T): T | undefined => {
    const bytes = bytesByName.get(name);
    if (bytes === undefined) return undefined;
    let found: T | undefined;
    eachField(bytes, (field) => {
      if (field.number === number) found = read(field);
      if (field.number === REFERENCE) throw new InvalidRequestError(`attribute ${name} stands for one of a function`);
    });
    return found;
  };
  const many = <A extends NumberArray>(
    name: string,
    number: number,
    {
      Type,
      add,
    }: { readonly Type: new (length: number) => A; readonly add: (field: Field, into: NumberList<A>) => void },
  ): A => {
    const list = emptyList(Type);
    one(name, number, (field) => add(field, list));
    return numbersIn(list);
  };
  return {
    names: [...bytesByName.keys()],
    bytes: (name) => bytesByName.get(name),
    float: (name) => many(name, FIELD.float, FLOATS).at(-1),
    integer: (name) => one(name, FIELD.integer, integerOf),
    bigInteger: (name) => many(name, FIELD.integer, BIG_INTEGERS).at(-1),
    text: (name) => one(name, FIELD.text, textOf),
    tensor: (name) => one(name, FIELD.tensor, (field) => readTensor(contentOf(field)).value),
    floats: (name) => many(name, FIELD.floats, FLOATS),
    integers: (name) => many(name, FIELD.integers, INTEGERS),
    compactIntegers: (name) => {
      const list: NumberList<Int32Array | Float64Array> = emptyList<Int32Array | Float64Array>(Int32Array);
      let bytes: Uint8Array | undefined;
      one(name, FIELD.integers, (field) => {
        if (bytes === undefined && list.count === 0) {
          bytes = bytesAsIntegers(field);
          if (bytes !== undefined) return;
        }
        if (bytes !== undefined) Object.assign(list, { data: Int32Array.from(bytes), count: bytes.length });
        bytes = undefined;
        addIntegers(field, list);
      });
      return bytes ?? numbersIn(list);
    },
    bigIntegers: (name) => many(name, FIELD.integers, BIG_INTEGERS),
    texts: (name) => {
      const texts: string[] = [];
      one(name, FIELD.texts, (field) => texts.push(textOf(field)));
      return texts;
    },
    words: (name, words) => {
      let places: Uint8Array | undefined;
      const others: number[] = [];
      one(name, FIELD.texts, (field) => {
        if (places === undefined) places = readWords(field, words);
        else others.push(readWord(field, words));
      });
      return others.length === 0 ? (places ?? new Uint8Array()) : Uint8Array.from([...(places ?? []), ...others]);
    },
  };
};
