import type { Datatype } from '../../inference/index.ts';
import { type FloatDatatype, newValue, type Value } from '../value.ts';
import { erf } from './erf.ts';
import { datatypeAt, given, type Operator, type OperatorNode, type Operators, wordOf } from './operator.ts';

/** Operators that map each element by itself. Results are rounded to the datatype once, at the end. */

type NumberMap = (x: number) => number;
type BigMap = (x: bigint) => bigint;

const FLOATS = ['FP32', 'FP64'] as const;
const LAST_OPSET = 25;

const mapNumbers = (value: Value, datatype: Datatype, map: NumberMap): Value => {
  const result = newValue(datatype, value.shape);
  const from = value.data as Float64Array;
  const to = result.data as Float64Array;
  for (let i = 0; i < to.length; i++) to[i] = map(from[i] as number);
  return result;
};

const mapBigs = (value: Value, map: BigMap): Value => {
  const result = newValue(value.datatype, value.shape);
  const from = value.data as BigInt64Array;
  const to = result.data as BigInt64Array;
  for (let i = 0; i < to.length; i++) to[i] = map(from[i] as bigint);
  return result;
};

/** Of floats alone; the map may depend on the node's attributes. */
const floatMapOf = (
  makeMap: (node: OperatorNode) => NumberMap,
  {
    attributes = [],
    first = 6,
    datatypes = FLOATS,
  }: {
    readonly attributes?: readonly string[];
    readonly first?: number;
    readonly datatypes?: readonly FloatDatatype[];
  } = {},
): Operator => ({
  opsets: [first, LAST_OPSET],
  attributes,
  compile: (node) => {
    const datatype = datatypeAt(node, 0, datatypes);
    const map = makeMap(node);
    return { datatypes: [datatype], run: (inputs) => [mapNumbers(given(inputs, 0), datatype, map)] };
  },
});

const floatMap = (map: NumberMap, first = 6): Operator => floatMapOf(() => map, { first });

/** Where onnxruntime knows no float64, there is nothing to hold ours against. */
const float32Map = (map: NumberMap, first = 6): Operator => floatMapOf(() => map, { first, datatypes: ['FP32'] });

/** Of floats and signed integers. */
const signedMap = (map: NumberMap, mapBig: BigMap): Operator => ({
  opsets: [6, LAST_OPSET],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, [...FLOATS, 'INT32', 'INT64']);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        return [datatype === 'INT64' ? mapBigs(value, mapBig) : mapNumbers(value, datatype, map)];
      },
    };
  },
});

const withAlpha = (fallback: number, makeMap: (alpha: number) => NumberMap): Operator =>
  floatMapOf(({ attributes }) => makeMap(attributes.float('alpha') ?? Math.fround(fallback)), {
    attributes: ['alpha'],
    datatypes: ['FP32'],
  });

/** To the nearest whole number, of two to the even one. */
const roundHalfEven = (x: number): number => {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) return down;
  return rest > 0.5 || down % 2 !== 0 ? down + 1 : down;
};

const selu = ({ attributes }: OperatorNode): NumberMap => {
  const alpha = attributes.float('alpha') ?? Math.fround(1.6732631921768188);
  const gamma = attributes.float('gamma') ?? Math.fround(1.0507010221481323);
  return (x) => (x > 0 ? gamma * x : gamma * (alpha * Math.exp(x) - alpha));
};

const hardSigmoid = ({ attributes }: OperatorNode): NumberMap => {
  const alpha = attributes.float('alpha') ?? Math.fround(0.2);
  const beta = attributes.float('beta') ?? 0.5;
  return (x) => Math.max(0, Math.min(1, alpha * x + beta));
};

const gelu = ({ attributes }: OperatorNode): NumberMap => {
  const approximate = wordOf('approximate', attributes.text('approximate') ?? 'none', ['none', 'tanh']);
  return approximate === 'none'
    ? (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))
    : (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
};

const isInfinite = ({ attributes }: OperatorNode): NumberMap => {
  const positive = attributes.integer('detect_positive') ?? 1;
  const negative = attributes.integer('detect_negative') ?? 1;
  return (x) => (x === Number.POSITIVE_INFINITY ? positive : x === Number.NEGATIVE_INFINITY ? negative : 0);
};

/** Of floats, to BOOL. */
const predicate = (
  makeMap: (node: OperatorNode) => NumberMap,
  first: number,
  attributes: readonly string[] = [],
): Operator => ({
  opsets: [first, LAST_OPSET],
  attributes,
  compile: (node) => {
    datatypeAt(node, 0, FLOATS);
    const map = makeMap(node);
    return { datatypes: ['BOOL'], run: (inputs) => [mapNumbers(given(inputs, 0), 'BOOL', map)] };
  },
});

const not: Operator = {
  opsets: [1, LAST_OPSET],
  compile: (node) => {
    datatypeAt(node, 0, ['BOOL']);
    return { datatypes: ['BOOL'], run: (inputs) => [mapNumbers(given(inputs, 0), 'BOOL', (x) => (x === 0 ? 1 : 0))] };
  },
};

const bigAbs: BigMap = (x) => (x < 0n ? -x : x);
const bigSign: BigMap = (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n);

export const UNARY_OPERATORS: Operators = {
  Neg: signedMap(
    (x) => -x,
    (x) => -x,
  ),
  Abs: signedMap(Math.abs, bigAbs),
  Sign: { ...signedMap((x) => (Number.isNaN(x) ? x : Math.sign(x)), bigSign), opsets: [9, LAST_OPSET] },
  Exp: floatMap(Math.exp),
  Log: floatMap(Math.log),
  Sqrt: floatMap(Math.sqrt),
  Reciprocal: floatMap((x) => 1 / x),
  Floor: floatMap(Math.floor),
  Ceil: floatMap(Math.ceil),
  Round: floatMap(roundHalfEven, 11),
  Sigmoid: floatMap((x) => 1 / (1 + Math.exp(-x))),
  Tanh: floatMap(Math.tanh),
  Relu: floatMap((x) => (x < 0 ? 0 : x)),
  LeakyRelu: withAlpha(0.01, (alpha) => (x) => (x < 0 ? alpha * x : x)),
  Elu: withAlpha(1, (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x) : x)),
  Selu: floatMapOf(selu, { attributes: ['alpha', 'gamma'], datatypes: ['FP32'] }),
  Softplus: float32Map((x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))), 1),
  Softsign: float32Map((x) => x / (1 + Math.abs(x)), 1),
  HardSigmoid: floatMapOf(hardSigmoid, { attributes: ['alpha', 'beta'], datatypes: ['FP32'] }),
  Gelu: floatMapOf(gelu, { attributes: ['approximate'], first: 20, datatypes: ['FP32'] }),
  Erf: float32Map(erf, 9),
  IsNaN: predicate(() => (x) => (Number.isNaN(x) ? 1 : 0), 9),
  IsInf: predicate(isInfinite, 10, ['detect_positive', 'detect_negative']),
  Not: not,
};
