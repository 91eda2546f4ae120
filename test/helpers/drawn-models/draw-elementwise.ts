import type { Datatype, Tensor } from '../../../shared/core/inference/index.ts';
import { type DrawnCase, nodeCase } from './drawn-case.ts';
import { countOf, type Draws, drawShape, drawTensor } from './draws.ts';
import { type AttributeValue, elementTypeOf } from './onnx-bytes.ts';

type Attributes = Readonly<Record<string, AttributeValue>>;

/** What each needs beyond a tensor of floats. */
const UNARY: Readonly<
  Record<
    string,
    {
      readonly attributes?: (draws: Draws) => Attributes;
      readonly first?: number;
      readonly signed?: boolean;
      readonly only32?: boolean;
    }
  >
> = {
  Neg: { signed: true },
  Abs: { signed: true },
  Sign: { signed: true, first: 9 },
  Exp: {},
  Log: {},
  Sqrt: {},
  Reciprocal: {},
  Floor: {},
  Ceil: {},
  Round: { first: 11 },
  Sigmoid: {},
  Tanh: {},
  Relu: {},
  LeakyRelu: { only32: true, attributes: (draws) => (draws.chance(0.5) ? { alpha: { float: 0.2 } } : {}) },
  Elu: { only32: true, attributes: (draws) => (draws.chance(0.5) ? { alpha: { float: 0.7 } } : {}) },
  Selu: {
    only32: true,
    attributes: (draws) => (draws.chance(0.5) ? { alpha: { float: 1.5 }, gamma: { float: 1.1 } } : {}),
  },
  Softplus: { only32: true },
  Softsign: { only32: true },
  HardSigmoid: {
    only32: true,
    attributes: (draws) => (draws.chance(0.5) ? { alpha: { float: 0.3 }, beta: { float: 0.4 } } : {}),
  },
  Gelu: { only32: true, first: 20, attributes: (draws) => ({ approximate: { text: draws.pick(['none', 'tanh']) } }) },
  Erf: { only32: true, first: 9 },
  IsNaN: { first: 9 },
  IsInf: {
    first: 10,
    attributes: (draws) =>
      draws.chance(0.5)
        ? { detect_negative: { int: draws.whole(0, 1) }, detect_positive: { int: draws.whole(0, 1) } }
        : {},
  },
  Identity: {},
};

const OPSETS = [7, 9, 11, 12, 13, 14, 15, 17, 18, 20, 21];
const opsetFrom = (draws: Draws, first: number): number => draws.pick(OPSETS.filter((opset) => opset >= first));

export const drawUnary = (draws: Draws): DrawnCase => {
  const operator = draws.pick([...Object.keys(UNARY), 'Not']);
  const { attributes, first = 7, signed = false, only32 = false } = UNARY[operator] ?? {};
  const datatype: Datatype =
    operator === 'Not'
      ? 'BOOL'
      : draws.pick(['FP32', 'FP32', only32 ? 'FP32' : 'FP64', ...(signed ? (['INT32', 'INT64'] as const) : [])]);
  // onnxruntime 1.30 takes the sign of some int64 from their lower halves.
  const edges = operator !== 'Sign' || datatype !== 'INT64';
  const input = drawTensor(draws, 'x', { datatype, shape: drawShape(draws), edges });
  const result: Datatype = operator.startsWith('Is') ? 'BOOL' : datatype;
  return nodeCase(
    { operator, ...(attributes === undefined ? {} : { attributes: attributes(draws) }) },
    { tensors: [input], outputs: [{ datatype: result, shape: input.shape }], opset: opsetFrom(draws, first) },
  );
};

/** A shape that broadcasts to another. */
const narrower = (draws: Draws, shape: readonly number[]): readonly number[] =>
  shape.slice(draws.chance(0.3) ? draws.whole(0, shape.length) : 0).map((size) => (draws.chance(0.3) ? 1 : size));

const pair = (draws: Draws, datatype: Datatype, edges = true): readonly [Tensor, Tensor, readonly number[]] => {
  const shape = drawShape(draws);
  const turned = draws.chance(0.5);
  const [left, right] = turned ? [narrower(draws, shape), shape] : [shape, narrower(draws, shape)];
  return [
    drawTensor(draws, 'a', { datatype, shape: left, edges }),
    drawTensor(draws, 'b', { datatype, shape: right, edges }),
    shape,
  ];
};

/** What an integer may be divided by. */
const withoutZero = (tensor: Tensor): Tensor =>
  tensor.datatype === 'INT64'
    ? { ...tensor, data: (tensor.data as BigInt64Array).map((x) => (x === 0n || x === -1n ? 3n : x)) }
    : tensor.datatype === 'INT32'
      ? { ...tensor, data: (tensor.data as Int32Array).map((x) => (x === 0 || x === -1 ? 3 : x)) }
      : tensor;

export const drawBinary = (draws: Draws): DrawnCase => {
  const operator = draws.pick([
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Min',
    'Max',
    'Equal',
    'Less',
    'Greater',
    'LessOrEqual',
    'GreaterOrEqual',
  ]);
  const compares = /Equal|Less|Greater/.test(operator);
  const datatypes: readonly Datatype[] = ['FP32', 'FP32', 'FP64', 'INT64', 'INT32'];
  const datatype = draws.pick(operator === 'Equal' ? [...datatypes, 'BOOL' as const, 'BYTES' as const] : datatypes);
  // onnxruntime 1.30 compares the lower halves of some int64.
  const edges = datatype !== 'INT64' || !/Min|Max/.test(operator);
  const [a, b] = pair(draws, datatype, edges);
  const first = operator === 'Equal' && datatype === 'BYTES' ? 19 : compares && operator.includes('Or') ? 12 : 11;
  return nodeCase(
    { operator },
    {
      tensors: [a, operator === 'Div' ? withoutZero(b) : b],
      dynamic: draws.pick([1, 2, 2]),
      outputs: [
        {
          datatype: compares ? 'BOOL' : datatype,
          shape: Array.from({ length: Math.max(a.shape.length, b.shape.length) }, () => -1),
        },
      ],
      opset: opsetFrom(draws, Math.max(first, operator === 'Min' || operator === 'Max' ? 12 : 7)),
    },
  );
};

export const drawLogical = (draws: Draws): DrawnCase => {
  const [a, b, shape] = pair(draws, 'BOOL');
  return nodeCase(
    { operator: draws.pick(['And', 'Or', 'Xor']) },
    { tensors: [a, b], outputs: [{ datatype: 'BOOL', shape }], opset: opsetFrom(draws, 7) },
  );
};

export const drawPow = (draws: Draws): DrawnCase => {
  const [a, b, shape] = pair(draws, 'FP32', false);
  const exponent = draws.chance(0.5)
    ? b
    : { ...b, data: Float32Array.from(b.data as Float32Array, () => draws.whole(-2, 3)) };
  return nodeCase(
    { operator: 'Pow' },
    { tensors: [a, exponent], outputs: [{ datatype: 'FP32', shape }], opset: opsetFrom(draws, 7) },
  );
};

export const drawWhere = (draws: Draws): DrawnCase => {
  const datatype = draws.pick(['FP32', 'FP64', 'INT64', 'BYTES', 'UINT8'] as const);
  const [a, b, shape] = pair(draws, datatype);
  const condition = drawTensor(draws, 'c', { datatype: 'BOOL', shape: narrower(draws, shape) });
  return nodeCase(
    { operator: 'Where' },
    { tensors: [condition, a, b], outputs: [{ datatype, shape }], opset: opsetFrom(draws, 9) },
  );
};

export const drawClip = (draws: Draws): DrawnCase => {
  const datatype = draws.pick(['FP32', 'FP32', 'FP64'] as const);
  const input = drawTensor(draws, 'x', { datatype, shape: drawShape(draws) });
  const outputs = [{ datatype, shape: input.shape }];
  if (datatype === 'FP32' && draws.chance(0.4)) {
    const attributes = {
      ...(draws.chance(0.7) ? { min: { float: -1.5 } } : {}),
      ...(draws.chance(0.7) ? { max: { float: 1 } } : {}),
    };
    return nodeCase({ operator: 'Clip', attributes }, { tensors: [input], outputs, opset: draws.pick([7, 9]) });
  }
  const bound = (name: string, value: number): Tensor | undefined =>
    draws.chance(0.3)
      ? undefined
      : { name, datatype, shape: [], data: datatype === 'FP32' ? Float32Array.of(value) : Float64Array.of(value) };
  return nodeCase(
    { operator: 'Clip' },
    { tensors: [input, bound('low', -1.5), bound('high', 1)], dynamic: 1, outputs, opset: opsetFrom(draws, 12) },
  );
};

const CASTS: readonly Datatype[] = ['FP32', 'FP64', 'INT64', 'INT32', 'BOOL', 'UINT8', 'BYTES'];

/** Numbers that texts stand for. */
const NUMBER_TEXTS = ['0', '1', '-3', '12', '007', '2.5', '-0.125', '1e3', 'nan', 'inf', '-inf', '1e-3'];
const INTEGER_TEXTS = ['0', '1', '-3', '12', '007', '9007199254740993'];

export const drawCast = (draws: Draws): DrawnCase => {
  const to = draws.pick(CASTS);
  const from = draws.pick(CASTS.filter((datatype) => datatype !== 'BYTES' || to !== 'BOOL'));
  const shape = drawShape(draws);
  const whole = !['FP32', 'FP64', 'BOOL', 'BYTES'].includes(to);
  const drawn = drawTensor(draws, 'x', { datatype: from, shape, edges: !whole });
  // What no integer holds becomes whatever the processor makes of it.
  const input: Tensor =
    from === 'BYTES' && to !== 'BYTES'
      ? {
          ...drawn,
          data: Array.from({ length: countOf(shape) }, () =>
            draws.pick(whole ? INTEGER_TEXTS.slice(0, to === 'INT64' ? 6 : 5) : NUMBER_TEXTS),
          ),
        }
      : to === 'UINT8' && from.startsWith('FP')
        ? { ...drawn, data: (drawn.data as Float32Array).map(Math.abs) }
        : drawn;
  return nodeCase(
    { operator: 'Cast', attributes: { to: { int: elementTypeOf(to) } } },
    { tensors: [input], outputs: [{ datatype: to, shape }], opset: opsetFrom(draws, 9) },
  );
};
