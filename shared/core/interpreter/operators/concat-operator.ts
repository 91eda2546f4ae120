import { assert } from '../../../kernel/assert.ts';
import { InvalidRequestError } from '../../../kernel/errors.ts';
import { axisOf, type Cell, cellsOf, countOf, newValue, type Value } from '../value.ts';
import { datatypeAt, inputAt, type Operator, type Operators } from './operator.ts';

const LAST_OPSET = 25;

/** Where an axis divides a tensor: `outer` blocks, each of `size` pieces of `inner` elements. */
export const splitAt = (shape: readonly number[], axis: number) => ({
  outer: countOf(shape.slice(0, axis)),
  size: shape[axis] as number,
  inner: countOf(shape.slice(axis + 1)),
});

export const withSize = (shape: readonly number[], axis: number, size: number): readonly number[] =>
  shape.with(axis, size);

/** Copies a run of elements, whatever their datatype. */
export const copyRun = (from: Value, start: number, to: Value, at: number, count: number): void => {
  if (count > 16 && ArrayBuffer.isView(from.data)) {
    (to.data as Float32Array).set((from.data as Float32Array).subarray(start, start + count), at);
    return;
  }
  const [read, write] = [cellsOf(from), cellsOf(to)];
  for (let i = 0; i < count; i++) write[at + i] = read[start + i] as Cell;
};

/** Copies each element to a place of its own, `step` apart: single features become the columns of rows. */
const spread = (from: Value, to: Value, start: number, step: number): void => {
  const [read, write] = [cellsOf(from), cellsOf(to)];
  const count = read.length;
  for (let i = 0, at = start; i < count; i++, at += step) write[at] = read[i] as Cell;
};

const concatenate = (values: readonly Value[], axis: number): Value => {
  const [first] = values;
  assert(first !== undefined, 'a node that concatenates has inputs');
  const at = axisOf(axis, first.shape.length);
  for (const { shape } of values) {
    if (shape.length !== first.shape.length || shape.some((size, i) => i !== at && size !== first.shape[i])) {
      throw new InvalidRequestError(`shapes [${first.shape}] and [${shape}] do not go together along axis ${at}`);
    }
  }
  let total = 0;
  for (const { shape } of values) total += shape[at] as number;
  const result = newValue(first.datatype, withSize(first.shape, at, total));
  const { outer, inner } = splitAt(first.shape, at);
  let offset = 0;
  for (const value of values) {
    const run = (value.shape[at] as number) * inner;
    if (run === 1) spread(value, result, offset, total * inner);
    for (let block = 0; run !== 1 && block < outer; block++)
      copyRun(value, block * run, result, block * total * inner + offset, run);
    offset += run;
  }
  return result;
};

const concat: Operator = {
  opsets: [4, LAST_OPSET],
  attributes: ['axis'],
  compile: (node) => {
    const { datatype } = inputAt(node, 0);
    const axis = node.attributes.integer('axis');
    if (axis === undefined) throw new InvalidRequestError('attribute axis is missing');
    node.inputs.forEach((_, index) => {
      datatypeAt(node, index, [datatype]);
    });
    return { datatypes: [datatype], run: (inputs) => [concatenate(inputs as readonly Value[], axis)] };
  },
};

export const CONCAT_OPERATORS: Operators = { Concat: concat };
