import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import type { TensorSpec } from './tensor.ts';

/** ONNX Runtime counts elements of a dimension in 32 bits on some of its paths. */
const MAX_DIMENSION = 0x7fff_ffff;

/** How many elements a shape has. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((count, length) => count * length, 1);

const isDimension = (length: unknown): length is number =>
  typeof length === 'number' && Number.isInteger(length) && length >= 0 && length <= MAX_DIMENSION;

const fits = (spec: readonly number[], shape: unknown): shape is readonly number[] =>
  Array.isArray(shape) &&
  shape.length === spec.length &&
  shape.every((length, axis) => isDimension(length) && (spec[axis] === -1 || spec[axis] === length));

/**
 * A tensor's shape, checked against the graph's.
 * @param mostElements what the body could hold at most.
 * @param where how a message names the tensor.
 * @throws InvalidRequestError
 */
export const readShape = (
  spec: TensorSpec,
  shape: unknown,
  mostElements: number,
  where: string,
): { readonly shape: readonly number[]; readonly count: number } => {
  if (!fits(spec.shape, shape)) {
    const free = spec.shape.includes(-1) ? ' (-1: any length)' : '';
    throw new InvalidRequestError(
      `${where} must have shape [${spec.shape.join(', ')}]${free}, got ${showValue(shape)}`,
    );
  }
  const count = elementCount(shape);
  if (count <= mostElements) return { shape, count };
  throw new InvalidRequestError(
    `${where} has shape ${showValue(shape)}: ${count} elements, more than a body of ${mostElements} bytes holds`,
  );
};
