import type { Tensor } from '../../../shared/core/inference/index.ts';
import { type DrawnCase, nodeCase } from './drawn-case.ts';
import { type Draws, drawShape, drawTensor } from './draws.ts';
import type { AttributeValue } from './onnx-bytes.ts';

type Attributes = Readonly<Record<string, AttributeValue>>;

const FLOATS = ['FP32', 'FP32', 'FP64'] as const;

const int64s = (name: string, values: readonly number[]): Tensor => ({
  name,
  datatype: 'INT64',
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

const plainTensor = (draws: Draws, name: string, datatype: 'FP32' | 'FP64', shape: readonly number[]): Tensor => {
  const drawn = drawTensor(draws, name, { datatype, shape, edges: false });
  // Products of larger numbers differ by more than the tolerance in float32 itself.
  return { ...drawn, data: (drawn.data as Float32Array).map((x) => x / 4) };
};

const REDUCTIONS = ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'SumSquare', 'LogSum', 'LogSumExp'];

export const drawReduce = (draws: Draws): DrawnCase => {
  const operator = `Reduce${draws.pick(REDUCTIONS)}`;
  const datatype = draws.pick(FLOATS);
  const shape = drawShape(draws, 1).map((size) => Math.max(1, size));
  const positive = operator === 'ReduceLogSum';
  const drawn = plainTensor(draws, 'x', datatype, shape);
  const input = positive ? { ...drawn, data: (drawn.data as Float32Array).map((x) => Math.abs(x) + 1) } : drawn;
  const opset = draws.pick([11, 13, 18]);
  const axes = shape.flatMap((_, axis) => (draws.chance(0.5) ? [draws.chance(0.5) ? axis : axis - shape.length] : []));
  const asInput = opset >= (operator === 'ReduceSum' ? 13 : 18);
  const keeps = draws.whole(0, 1);
  const attributes: Attributes = {
    keepdims: { int: keeps },
    ...(axes.length > 0 && !asInput ? { axes: { ints: axes } } : {}),
    ...(asInput && draws.chance(0.3) ? { noop_with_empty_axes: { int: 1 } } : {}),
  };
  const rank = keeps === 1 || axes.length === 0 ? shape.length : shape.length - axes.length;
  const outRank = axes.length === 0 && keeps === 0 && attributes.noop_with_empty_axes === undefined ? 0 : rank;
  return nodeCase(
    { operator, attributes },
    {
      tensors: [input, ...(asInput && axes.length > 0 ? [int64s('axes', axes)] : [])],
      dynamic: 1,
      outputs: [{ datatype, shape: Array.from({ length: outRank }, () => -1) }],
      opset,
    },
  );
};

export const drawAlongAxis = (draws: Draws): DrawnCase => {
  const operator = draws.pick(['Softmax', 'LogSoftmax', 'Hardmax', 'ArgMax', 'ArgMin', 'CumSum', 'TopK']);
  const datatype = operator === 'Hardmax' ? 'FP32' : draws.pick(FLOATS);
  const shape = drawShape(draws, 1).map((size) => Math.max(1, size));
  const input = plainTensor(draws, 'x', datatype, shape);
  const axis = draws.whole(-shape.length, shape.length - 1);
  const axes: Attributes = { axis: { int: axis } };
  if (operator === 'CumSum') {
    const attributes: Attributes = { exclusive: { int: draws.whole(0, 1) }, reverse: { int: draws.whole(0, 1) } };
    const place: Tensor = { name: 'axis', datatype: 'INT64', shape: [], data: BigInt64Array.of(BigInt(axis)) };
    return nodeCase(
      { operator, attributes },
      { tensors: [input, place], dynamic: 1, outputs: [input], opset: draws.pick([11, 14]) },
    );
  }
  if (operator === 'TopK') {
    const count = draws.whole(1, shape.at(axis)!);
    const attributes: Attributes = { ...axes, largest: { int: draws.whole(0, 1) } };
    return nodeCase(
      { operator, attributes },
      {
        tensors: [input, int64s('k', [count])],
        dynamic: 1,
        outputs: [input, { datatype: 'INT64', shape }],
        opset: draws.pick([11, 13]),
      },
    );
  }
  if (operator.startsWith('Arg')) {
    const attributes: Attributes = {
      ...axes,
      keepdims: { int: 1 },
      ...(draws.chance(0.5) ? { select_last_index: { int: 1 } } : {}),
    };
    return nodeCase(
      { operator, attributes },
      { tensors: [input], outputs: [{ datatype: 'INT64', shape }], opset: draws.pick([12, 13]) },
    );
  }
  return nodeCase(
    { operator, ...(draws.chance(0.7) ? { attributes: axes } : {}) },
    { tensors: [input], outputs: [input], opset: draws.pick([9, 11, 13, 17]) },
  );
};

export const drawGemm = (draws: Draws): DrawnCase => {
  const datatype = draws.pick(FLOATS);
  const [rows, inner, columns] = [draws.whole(0, 5), draws.whole(1, 9), draws.whole(1, 6)];
  const [turnsA, turnsB] = [draws.whole(0, 1), draws.whole(0, 1)];
  const a = plainTensor(draws, 'a', datatype, turnsA === 1 ? [inner, rows] : [rows, inner]);
  const b = plainTensor(draws, 'b', datatype, turnsB === 1 ? [columns, inner] : [inner, columns]);
  const c = draws.chance(0.6)
    ? plainTensor(draws, 'c', datatype, draws.pick([[columns], [1, columns], [1], []]))
    : undefined;
  const attributes: Attributes = {
    transA: { int: turnsA },
    transB: { int: turnsB },
    ...(draws.chance(0.4) ? { alpha: { float: 0.5 }, beta: { float: 2 } } : {}),
  };
  return nodeCase(
    { operator: 'Gemm', attributes },
    {
      tensors: [a, b, ...(c === undefined ? [] : [c])],
      dynamic: draws.pick([1, 3]),
      outputs: [{ datatype, shape: [rows, columns] }],
      opset: draws.pick([7, 11, 13]),
    },
  );
};

export const drawMatMul = (draws: Draws): DrawnCase => {
  const datatype = draws.pick(FLOATS);
  const [rows, inner, columns, blocks] = [draws.whole(1, 5), draws.whole(1, 9), draws.whole(1, 6), draws.whole(1, 3)];
  const [left, right, out] = draws.pick([
    [
      [rows, inner],
      [inner, columns],
      [rows, columns],
    ],
    [
      [blocks, rows, inner],
      [inner, columns],
      [blocks, rows, columns],
    ],
    [
      [blocks, rows, inner],
      [blocks, inner, columns],
      [blocks, rows, columns],
    ],
    [[inner], [inner, columns], [columns]],
    [[rows, inner], [inner], [rows]],
    [[inner], [inner], []],
  ] as const);
  return nodeCase(
    { operator: 'MatMul' },
    {
      tensors: [plainTensor(draws, 'a', datatype, left), plainTensor(draws, 'b', datatype, right)],
      dynamic: draws.pick([1, 2]),
      outputs: [{ datatype, shape: out }],
      opset: draws.pick([9, 13]),
    },
  );
};

export const drawNormalization = (draws: Draws): DrawnCase => {
  const channels = draws.whole(1, 5);
  const shape = draws.pick([
    [draws.whole(0, 4), channels],
    [draws.whole(1, 4), channels, draws.whole(1, 3)],
  ]);
  if (draws.chance(0.5)) {
    const parts = ['scale', 'bias', 'mean', 'variance'].map((name) => {
      const tensor = plainTensor(draws, name, 'FP32', [channels]);
      return name === 'variance'
        ? { ...tensor, data: (tensor.data as Float32Array).map((x) => Math.abs(x) + 0.5) }
        : tensor;
    });
    return nodeCase(
      { operator: 'BatchNormalization' },
      {
        tensors: [plainTensor(draws, 'x', 'FP32', shape), ...parts],
        dynamic: 1,
        outputs: [{ datatype: 'FP32', shape }],
        opset: draws.pick([9, 14, 15]),
      },
    );
  }
  const width = shape.at(-1)!;
  const inputs = [plainTensor(draws, 'x', 'FP32', shape), plainTensor(draws, 'scale', 'FP32', [width])];
  const bias = draws.chance(0.5) ? [plainTensor(draws, 'bias', 'FP32', [width])] : [];
  // A variance near 0 makes any rounding large.
  return nodeCase(
    { operator: 'LayerNormalization', attributes: { epsilon: { float: 0.1 } } },
    { tensors: [...inputs, ...bias], dynamic: 1, outputs: [{ datatype: 'FP32', shape }], opset: 17 },
  );
};

export const drawLinear = (draws: Draws): DrawnCase => {
  const [rows, features] = [draws.whole(0, 6), draws.whole(1, 8)];
  const input = plainTensor(draws, 'x', 'FP32', [rows, features]);
  const floats = (count: number): AttributeValue => ({
    floats: Array.from({ length: count }, () => draws.plain() / 4),
  });
  const post_transform: AttributeValue = { text: draws.pick(['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO']) };
  if (draws.chance(0.4)) {
    const targets = draws.whole(1, 3);
    return nodeCase(
      {
        operator: 'ai.onnx.ml:LinearRegressor',
        attributes: {
          targets: { int: targets },
          coefficients: floats(targets * features),
          ...(draws.chance(0.7) ? { intercepts: floats(targets) } : {}),
          post_transform,
        },
      },
      { tensors: [input], outputs: [{ datatype: 'FP32', shape: [rows, targets] }] },
    );
  }
  const classes = draws.whole(2, 4);
  const scores = classes === 2 && draws.chance(0.4) ? 1 : classes;
  const isText = draws.chance(0.5);
  return nodeCase(
    {
      operator: 'ai.onnx.ml:LinearClassifier',
      attributes: {
        coefficients: floats(scores * features),
        intercepts: floats(scores),
        multi_class: { int: draws.whole(0, 1) },
        post_transform,
        ...(isText
          ? { classlabels_strings: { texts: ['a', 'b', 'c', 'd'].slice(0, classes) } }
          : { classlabels_ints: { ints: [3, -5, 7, 11].slice(0, classes) } }),
      },
    },
    {
      tensors: [input],
      outputs: [
        { datatype: isText ? 'BYTES' : 'INT64', shape: [rows] },
        { datatype: 'FP32', shape: [rows, classes] },
      ],
    },
  );
};
