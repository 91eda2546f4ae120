import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Datatype } from '../../inference/index.ts';
import { datatypeOf } from '../graph/read-tensor.ts';
import { type Cell, cellsOf, isBig, isFloat, newValue, type Value } from '../value.ts';
import { given, inputAt, type Operator, type OperatorNode, type Operators } from './operator.ts';

/** Between datatypes: numbers as C converts them, texts as onnxruntime reads and writes them. */

const LAST_OPSET = 25;
const BITS = { UINT8: 8, INT8: 8, UINT16: 16, INT16: 16, INT32: 32, UINT32: 32, INT64: 64, UINT64: 64 } as const;

const DIGITS = 8;

/** `%.8g` as C prints it: what onnxruntime writes of floats, float64 included. */
const digitsText = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'INF' : '-INF';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential(DIGITS - 1).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= DIGITS) {
    const shortened = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
    return `${shortened}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const fixed = value.toFixed(Math.max(0, DIGITS - 1 - exponent));
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
};

const SPECIAL_NUMBERS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

const FLOAT_TEXT = /^[ \t\n\v\f\r]*([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i;
const INTEGER_TEXT = /^[ \t\n\v\f\r]*([+-]?\d+)$/;

const numberFromText = (text: string): number => {
  const special = SPECIAL_NUMBERS[text.toLowerCase()];
  if (special !== undefined) return special;
  const match = FLOAT_TEXT.exec(text);
  if (match === null) throw new InvalidRequestError('a text does not stand for a number');
  return Number(match[1]);
};

const bigFromText = (text: string): bigint => {
  const match = INTEGER_TEXT.exec(text);
  if (match === null) throw new InvalidRequestError('a text does not stand for a whole number');
  return BigInt((match[1] as string).replace('+', ''));
};

const fromText = (datatype: Datatype): ((cell: Cell) => Cell) => {
  if (isFloat(datatype)) return (cell) => numberFromText(cell as string);
  if (datatype === 'BOOL') throw new InvalidRequestError('texts to BOOL is not interpreted');
  return isBig(datatype) ? (cell) => bigFromText(cell as string) : (cell) => Number(bigFromText(cell as string));
};

const toText = (datatype: Datatype): ((cell: Cell) => Cell) => {
  return isFloat(datatype) ? (cell) => digitsText(cell as number) : String;
};

/** What a float becomes where the integer cannot hold it, x86 leaves the smallest; ours is a refusal. */
const floatToInteger = (datatype: keyof typeof BITS): ((cell: Cell) => Cell) => {
  const width = BITS[datatype];
  const unsigned = datatype.startsWith('U');
  const lowest = unsigned ? 0 : -(2 ** (width - 1));
  const limit = 2 ** (unsigned ? width : width - 1);
  return (cell) => {
    const whole = Math.trunc(cell as number);
    if (!(whole >= lowest && whole < limit)) {
      throw new InvalidRequestError(`a number beyond ${datatype} or NaN cannot be cast to it`);
    }
    return isBig(datatype) ? BigInt(whole) : whole;
  };
};

const converterOf = (from: Datatype, to: Datatype): ((cell: Cell) => Cell) => {
  if (from === to) return (cell) => cell;
  if (from === 'BYTES') return fromText(to);
  if (to === 'BYTES') return toText(from);
  // NaN is no 0, and so is true.
  if (to === 'BOOL') return (cell) => (Number(cell) === 0 ? 0 : 1);
  if (isFloat(to)) return Number;
  if (isFloat(from)) return floatToInteger(to as keyof typeof BITS);
  // Integers wrap to the width of their array.
  return isBig(to)
    ? (cell) => BigInt(cell)
    : isBig(from)
      ? (cell) => Number(BigInt.asIntN(32, cell as bigint))
      : (cell) => cell;
};

export const castValue = (value: Value, to: Datatype): Value => {
  if (value.datatype === to) return value;
  const convert = converterOf(value.datatype, to);
  const result = newValue(to, value.shape);
  const [read, write] = [cellsOf(value), cellsOf(result)];
  for (let i = 0; i < write.length; i++) write[i] = convert(read[i] as Cell);
  return result;
};

const castTo = (node: OperatorNode, to: Datatype) => {
  converterOf(inputAt(node, 0).datatype, to);
  return { datatypes: [to], run: (inputs: readonly (Value | undefined)[]) => [castValue(given(inputs, 0), to)] };
};

const cast: Operator = {
  opsets: [6, LAST_OPSET],
  // They concern 8-bit floats alone.
  attributes: ['to', 'saturate', 'round_mode'],
  compile: (node) => castTo(node, datatypeOf(node.attributes.integer('to') ?? 0)),
};

const castLike: Operator = {
  opsets: [15, LAST_OPSET],
  attributes: ['saturate', 'round_mode'],
  compile: (node) => castTo(node, inputAt(node, 1).datatype),
};

export const CAST_OPERATORS: Operators = { Cast: cast, CastLike: castLike };
