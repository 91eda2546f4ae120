import type { Datatype, Tensor } from '../../../shared/core/inference/index.ts';
import { type DrawnCase, nodeCase } from './drawn-case.ts';
import { countOf, type Draws, drawShape, drawTensor } from './draws.ts';
import type { AttributeValue } from './onnx-bytes.ts';

const DATATYPES: readonly Datatype[] = ['FP32', 'FP32', 'INT64', 'BYTES', 'FP64', 'BOOL', 'INT32'];

const int64s = (name: string, values: readonly number[], shape: readonly number[] = [values.length]): Tensor => ({
  name,
  datatype: 'INT64',
  shape,
  data: BigInt64Array.from(values, BigInt),
});

const axisFor = (draws: Draws, rank: number): number => draws.whole(-rank, rank - 1);

/** Axes as an attribute, or since some opset as an input. */
const listAs = (
  name: string,
  values: readonly number[],
  asInput: boolean,
): { readonly tensors: readonly Tensor[]; readonly attributes: Readonly<Record<string, AttributeValue>> } =>
  asInput
    ? { tensors: [int64s(name, values)], attributes: {} }
    : { tensors: [], attributes: { [name]: { ints: values } } };

const drawConcat = (draws: Draws, datatype: Datatype): DrawnCase => {
  const shape = drawShape(draws, 1);
  const axis = axisFor(draws, shape.length);
  const at = axis < 0 ? axis + shape.length : axis;
  const tensors = Array.from({ length: draws.whole(1, 4) }, (_, i) =>
    drawTensor(draws, `x${i}`, { datatype, shape: shape.with(at, draws.whole(0, 3)) }),
  );
  return nodeCase(
    { operator: 'Concat', attributes: { axis: { int: axis } } },
    { tensors, outputs: [{ datatype, shape }], opset: draws.pick([11, 13, 17]) },
  );
};

const drawReshape = (draws: Draws, input: Tensor): DrawnCase => {
  const count = countOf(input.shape);
  const wanted = draws.pick([[-1], [count], [1, -1], [0, -1], [-1, 1, 1]]);
  return nodeCase(
    { operator: 'Reshape' },
    {
      tensors: [input, int64s('shape', wanted)],
      dynamic: draws.pick([1, 2]),
      outputs: [{ datatype: input.datatype, shape: wanted }],
      opset: draws.pick([7, 13, 14, 19]),
    },
  );
};

const drawFlatten = (draws: Draws, input: Tensor): DrawnCase =>
  nodeCase(
    { operator: 'Flatten', attributes: { axis: { int: draws.whole(-input.shape.length, input.shape.length) } } },
    { tensors: [input], outputs: [{ datatype: input.datatype, shape: [0, 0] }], opset: draws.pick([11, 13]) },
  );

const drawSqueeze = (draws: Draws, input: Tensor): DrawnCase => {
  const opset = draws.pick([11, 13, 17]);
  const ones = input.shape.flatMap((size, axis) =>
    size === 1 ? [draws.chance(0.5) ? axis : axis - input.shape.length] : [],
  );
  const axes = ones.slice(0, draws.whole(0, ones.length));
  const list = axes.length === 0 ? { tensors: [], attributes: {} } : listAs('axes', axes, opset >= 13);
  const rank = input.shape.length - (axes.length === 0 ? ones.length : axes.length);
  return nodeCase(
    { operator: 'Squeeze', attributes: list.attributes },
    {
      tensors: [input, ...list.tensors],
      dynamic: 1,
      outputs: [{ datatype: input.datatype, shape: Array.from({ length: rank }, () => -1) }],
      opset,
    },
  );
};

const drawUnsqueeze = (draws: Draws, input: Tensor): DrawnCase => {
  const opset = draws.pick([11, 13, 17]);
  const rank = input.shape.length + 1;
  const list = listAs('axes', [axisFor(draws, rank)], opset >= 13);
  return nodeCase(
    { operator: 'Unsqueeze', attributes: list.attributes },
    {
      tensors: [input, ...list.tensors],
      dynamic: 1,
      outputs: [{ datatype: input.datatype, shape: [...input.shape, 1] }],
      opset,
    },
  );
};

const drawTranspose = (draws: Draws, input: Tensor): DrawnCase => {
  const perm = input.shape
    .map((_, axis) => ({ axis, key: draws.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ axis }) => axis);
  const attributes: Readonly<Record<string, AttributeValue>> = draws.chance(0.7) ? { perm: { ints: perm } } : {};
  return nodeCase(
    { operator: 'Transpose', attributes },
    { tensors: [input], outputs: [input], opset: draws.pick([7, 13]) },
  );
};

const drawGather = (draws: Draws, input: Tensor): DrawnCase => {
  // Of texts onnxruntime 1.30 copies one each where a piece of the axis is longer.
  const axis = input.datatype === 'BYTES' ? -1 : axisFor(draws, input.shape.length);
  const size = input.shape.at(axis)!;
  const shape = drawShape(draws).slice(0, 2);
  const indices = Array.from({ length: size === 0 ? 0 : countOf(shape) }, () => draws.whole(-size, size - 1));
  const indexShape = size === 0 ? [0] : shape;
  return nodeCase(
    { operator: 'Gather', attributes: { axis: { int: axis } } },
    {
      tensors: [input, int64s('indices', indices, indexShape)],
      outputs: [{ datatype: input.datatype, shape: [...input.shape.slice(1), ...indexShape] }],
      opset: draws.pick([11, 13]),
    },
  );
};

const FAR = 2 ** 62;

const drawSlice = (draws: Draws, input: Tensor): DrawnCase => {
  const opset = draws.pick([9, 10, 11, 13]);
  const axes = input.shape.flatMap((_, axis) => (draws.chance(0.6) ? [axis] : []));
  const ends = axes.map(() => draws.pick([draws.whole(-5, 5), FAR, -FAR]));
  const starts = axes.map(() => draws.pick([draws.whole(-5, 5), FAR, -FAR]));
  const steps = axes.map(() => draws.pick([1, 1, 2, -1, -2, 3]));
  const lists = [starts, ends, axes, ...(opset >= 10 ? [steps] : [])].map((list, i) =>
    listAs(['starts', 'ends', 'axes', 'steps'][i]!, list, opset >= 10),
  );
  return nodeCase(
    { operator: 'Slice', attributes: Object.assign({}, ...lists.map(({ attributes }) => attributes)) },
    {
      tensors: [input, ...lists.flatMap(({ tensors }) => tensors)],
      dynamic: draws.pick([1, 5]),
      outputs: [input],
      opset,
    },
  );
};

const drawSplit = (draws: Draws, input: Tensor): DrawnCase => {
  const opset = draws.pick([11, 13, 17]);
  const axis = axisFor(draws, input.shape.length);
  const size = input.shape.at(axis)!;
  const cut = draws.whole(0, size);
  const list =
    size % 2 === 0 && draws.chance(0.3)
      ? { tensors: [], attributes: {} }
      : listAs('split', [cut, size - cut], opset >= 13);
  return nodeCase(
    { operator: 'Split', attributes: { axis: { int: axis }, ...list.attributes } },
    { tensors: [input, ...list.tensors], dynamic: 1, outputs: [input, input], opset },
  );
};

const drawExpand = (draws: Draws, input: Tensor): DrawnCase => {
  const wanted = [
    draws.whole(1, 2),
    ...input.shape.map((size) => (size === 1 ? draws.whole(1, 3) : draws.pick([1, size]))),
  ];
  return nodeCase(
    { operator: 'Expand' },
    {
      tensors: [input, int64s('shape', wanted)],
      dynamic: 1,
      outputs: [{ datatype: input.datatype, shape: wanted }],
      opset: draws.pick([8, 13]),
    },
  );
};

const drawTile = (draws: Draws, input: Tensor): DrawnCase =>
  nodeCase(
    { operator: 'Tile' },
    {
      tensors: [
        input,
        int64s(
          'repeats',
          input.shape.map(() => draws.whole(0, 3)),
        ),
      ],
      dynamic: draws.pick([1, 2]),
      outputs: [input],
      opset: draws.pick([7, 13]),
    },
  );

const drawShapeOf = (draws: Draws, input: Tensor): DrawnCase => {
  const attributes: Readonly<Record<string, AttributeValue>> = draws.chance(0.5)
    ? { start: { int: draws.whole(-2, 2) }, end: { int: draws.whole(-2, 3) } }
    : {};
  return nodeCase(
    { operator: 'Shape', attributes },
    { tensors: [input], outputs: [{ datatype: 'INT64', shape: [0] }], opset: 15 },
  );
};

const drawConstantOfShape = (draws: Draws): DrawnCase => {
  const datatype = draws.pick(['FP32', 'INT64', 'BOOL'] as const);
  const wanted = drawShape(draws);
  const value = drawTensor(draws, '', { datatype, shape: [1] });
  return nodeCase(
    {
      operator: 'ConstantOfShape',
      ...(datatype === 'FP32' && draws.chance(0.3) ? {} : { attributes: { value: { tensor: value } } }),
    },
    { tensors: [int64s('shape', wanted)], outputs: [{ datatype, shape: wanted }], opset: draws.pick([9, 17]) },
  );
};

export const drawMove = (draws: Draws): DrawnCase => {
  const datatype = draws.pick(DATATYPES);
  const withAxes = drawTensor(draws, 'x', { datatype, shape: drawShape(draws, 1) });
  const input = drawTensor(draws, 'x', { datatype, shape: drawShape(draws) });
  const draw = draws.pick([
    () => drawConcat(draws, datatype),
    () => drawReshape(draws, withAxes),
    () => drawFlatten(draws, withAxes),
    () => drawSqueeze(draws, input),
    () => drawUnsqueeze(draws, input),
    () => drawTranspose(draws, input),
    () => drawGather(draws, withAxes),
    () => drawSlice(draws, withAxes),
    () => drawSplit(draws, withAxes),
    () => drawExpand(draws, input),
    () => drawTile(draws, withAxes),
    () => drawShapeOf(draws, input),
    () => drawConstantOfShape(draws),
  ]);
  return draw();
};
