import type { Datatype, Tensor } from '../../../shared/core/inference/index.ts';
import { type DrawnCase, nodeCase } from './drawn-case.ts';
import { type Draws, drawData, drawTensor, TEXTS } from './draws.ts';
import type { AttributeValue } from './onnx-bytes.ts';

type Attributes = Readonly<Record<string, AttributeValue>>;

const NUMBERS = ['FP32', 'FP64', 'INT64', 'INT32'] as const;

const floats = (draws: Draws, count: number): AttributeValue => ({
  floats: Array.from({ length: count }, draws.plain),
});

const rowsOf = (draws: Draws): readonly [number, number] => [draws.whole(0, 5), draws.whole(1, 5)];

const drawScaler = (draws: Draws): DrawnCase => {
  const [rows, width] = rowsOf(draws);
  const count = draws.chance(0.3) ? 1 : width;
  const input = drawTensor(draws, 'x', { datatype: draws.pick(NUMBERS), shape: [rows, width], edges: false });
  return nodeCase(
    { operator: 'ai.onnx.ml:Scaler', attributes: { offset: floats(draws, count), scale: floats(draws, count) } },
    { tensors: [input], outputs: [{ datatype: 'FP32', shape: [rows, width] }] },
  );
};

const drawNormalizer = (draws: Draws): DrawnCase => {
  const [rows, width] = rowsOf(draws);
  const input = drawTensor(draws, 'x', { datatype: draws.pick(NUMBERS), shape: [rows, width], edges: false });
  return nodeCase(
    { operator: 'ai.onnx.ml:Normalizer', attributes: { norm: { text: draws.pick(['MAX', 'L1', 'L2']) } } },
    { tensors: [input], outputs: [{ datatype: 'FP32', shape: [rows, width] }] },
  );
};

const drawImputer = (draws: Draws): DrawnCase => {
  const [rows, width] = rowsOf(draws);
  const count = draws.chance(0.3) ? 1 : width;
  const isFloat = draws.chance(0.6);
  const datatype = isFloat ? 'FP32' : 'INT64';
  const input = drawTensor(draws, 'x', { datatype, shape: [rows, width] });
  const attributes: Attributes = isFloat
    ? { imputed_value_floats: floats(draws, count), replaced_value_float: { float: draws.pick([Number.NaN, 0, 1]) } }
    : {
        imputed_value_int64s: { ints: Array.from({ length: count }, () => draws.whole(-5, 5)) },
        replaced_value_int64: { int: 1 },
      };
  return nodeCase(
    { operator: 'ai.onnx.ml:Imputer', attributes },
    { tensors: [input], outputs: [{ datatype, shape: [rows, width] }] },
  );
};

const drawBinarizer = (draws: Draws): DrawnCase => {
  const [rows, width] = rowsOf(draws);
  const input = drawTensor(draws, 'x', { datatype: 'FP32', shape: [rows, width] });
  return nodeCase(
    { operator: 'ai.onnx.ml:Binarizer', attributes: { threshold: { float: draws.plain() } } },
    { tensors: [input], outputs: [input] },
  );
};

const drawExtractor = (draws: Draws): DrawnCase => {
  const [rows, width] = rowsOf(draws);
  const datatype = draws.pick([...NUMBERS, 'BYTES'] as const);
  const input = drawTensor(draws, 'x', { datatype, shape: [rows, width] });
  const indices = Array.from({ length: draws.whole(1, 4) }, () => draws.whole(0, width - 1));
  const places: Tensor = {
    name: 'places',
    datatype: 'INT64',
    shape: [indices.length],
    data: BigInt64Array.from(indices, BigInt),
  };
  return nodeCase(
    { operator: 'ai.onnx.ml:ArrayFeatureExtractor' },
    { tensors: [input, places], dynamic: draws.pick([1, 2]), outputs: [{ datatype, shape: [rows, indices.length] }] },
  );
};

const drawVectorizer = (draws: Draws): DrawnCase => {
  const rows = draws.whole(1, 4);
  const widths = Array.from({ length: draws.whole(1, 3) }, () => draws.whole(1, 4));
  const datatype = draws.pick(NUMBERS);
  const tensors = widths.map((width, i) =>
    drawTensor(draws, `x${i}`, { datatype, shape: [rows, width], edges: false }),
  );
  const wanted = widths.map((width) => Math.max(1, width + draws.whole(-1, 1)));
  return nodeCase(
    { operator: 'ai.onnx.ml:FeatureVectorizer', attributes: { inputdimensions: { ints: wanted } } },
    { tensors, outputs: [{ datatype: 'FP32', shape: [rows, 0] }] },
  );
};

const drawOneHot = (draws: Draws): DrawnCase => {
  const [rows, width] = rowsOf(draws);
  const isText = draws.chance(0.5);
  const datatype: Datatype = isText ? 'BYTES' : draws.pick(['INT64', 'FP32', 'FP64'] as const);
  const input = drawTensor(draws, 'x', {
    datatype,
    shape: draws.chance(0.8) ? [rows, width] : [rows],
    edges: datatype === 'INT64',
  });
  const attributes: Attributes = isText
    ? { cats_strings: { texts: TEXTS.slice(0, draws.whole(1, 6)) } }
    : { cats_int64s: { ints: [0n, 1n, -1n, 3n, 2n ** 53n + 1n].slice(0, draws.whole(1, 5)) } };
  return nodeCase(
    { operator: 'ai.onnx.ml:OneHotEncoder', attributes },
    { tensors: [input], outputs: [{ datatype: 'FP32', shape: [...input.shape, 0] }] },
  );
};

const LISTS = { BYTES: 'strings', INT64: 'int64s', FP32: 'floats' } as const;
type Listed = keyof typeof LISTS;

const listAttribute = (datatype: Listed, data: ArrayLike<string | bigint | number>): AttributeValue => {
  if (datatype === 'BYTES') return { texts: Array.from(data, String) };
  return datatype === 'INT64' ? { ints: Array.from(data, BigInt) } : { floats: Array.from(data, Number) };
};

const drawLabelEncoder = (draws: Draws): DrawnCase => {
  const [from, to] = [draws.pick(['BYTES', 'INT64', 'FP32'] as const), draws.pick(['BYTES', 'INT64', 'FP32'] as const)];
  const input = drawTensor(draws, 'x', { datatype: from, shape: [...rowsOf(draws)] });
  const known = drawData(draws, from, 4) as ArrayLike<string | bigint | number>;
  const seen = Array.from(input.data as ArrayLike<string | bigint | number>).slice(0, 3);
  // Which of two equal keys counts is not said.
  const keys = [...new Map([...Array.from(known), ...seen].map((key) => [String(key), key])).values()];
  const values = drawData(draws, to, keys.length) as ArrayLike<string | bigint | number>;
  const fallback: Attributes =
    to === 'BYTES'
      ? { default_string: { text: 'none' } }
      : to === 'INT64'
        ? { default_int64: { int: -7 } }
        : { default_float: { float: 0.5 } };
  return nodeCase(
    {
      operator: 'ai.onnx.ml:LabelEncoder',
      attributes: {
        [`keys_${LISTS[from]}`]: listAttribute(from, keys),
        [`values_${LISTS[to]}`]: listAttribute(to, values),
        ...(draws.chance(0.6) ? fallback : {}),
      },
    },
    { tensors: [input], outputs: [{ datatype: to, shape: input.shape }], mlOpset: draws.pick([2, 3, 4]) },
  );
};

/** Since version 4 keys and values may be tensors, of other types too. */
const drawTensorEncoder = (draws: Draws): DrawnCase => {
  const [from, to] = draws.pick([
    ['FP64', 'FP64'],
    ['BYTES', 'INT64'],
    ['INT64', 'FP32'],
    ['BYTES', 'FP64'],
  ] as const);
  const input = drawTensor(draws, 'x', { datatype: from, shape: [...rowsOf(draws)] });
  const keys = drawTensor(draws, '', { datatype: from, shape: [1] });
  const attributes: Attributes = {
    keys_tensor: { tensor: keys },
    values_tensor: { tensor: drawTensor(draws, '', { datatype: to, shape: [1] }) },
    default_tensor: { tensor: drawTensor(draws, '', { datatype: to, shape: [1] }) },
  };
  return nodeCase(
    { operator: 'ai.onnx.ml:LabelEncoder', attributes },
    { tensors: [input], outputs: [{ datatype: to, shape: input.shape }], mlOpset: 4 },
  );
};

const drawCategoryMapper = (draws: Draws): DrawnCase => {
  const isText = draws.chance(0.5);
  const input = drawTensor(draws, 'x', { datatype: isText ? 'BYTES' : 'INT64', shape: [...rowsOf(draws)] });
  const attributes: Attributes = {
    cats_strings: { texts: TEXTS.slice(0, 5) },
    cats_int64s: { ints: [0n, 1n, -1n, 7n, 2n ** 63n - 1n] },
    default_string: { text: 'none' },
    default_int64: { int: -9 },
  };
  return nodeCase(
    { operator: 'ai.onnx.ml:CategoryMapper', attributes },
    { tensors: [input], outputs: [{ datatype: isText ? 'INT64' : 'BYTES', shape: input.shape }] },
  );
};

export const drawFeature = (draws: Draws): DrawnCase =>
  draws.pick([
    drawScaler,
    drawNormalizer,
    drawImputer,
    drawBinarizer,
    drawExtractor,
    drawVectorizer,
    drawOneHot,
    drawLabelEncoder,
    drawLabelEncoder,
    drawTensorEncoder,
    drawCategoryMapper,
  ])(draws);
