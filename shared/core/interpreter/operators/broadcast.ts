import { InvalidRequestError } from '../../../kernel/errors.ts';
import { checkedCountOf, countOf, stridesOf } from '../value.ts';

/** The shape that shapes are broadcast to: https://github.com/onnx/onnx/blob/v1.17.0/docs/Broadcasting.md. */
export const broadcastShape = (shapes: readonly (readonly number[])[]): readonly number[] => {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const shape = Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((given) => given[axis - rank + given.length] ?? 1);
    const size = sizes.find((each) => each !== 1) ?? 1;
    if (sizes.some((each) => each !== 1 && each !== size)) {
      throw new InvalidRequestError(`shapes ${shapes.map((given) => `[${given}]`).join(' and ')} do not go together`);
    }
    return size;
  });
  checkedCountOf(shape);
  return shape;
};

/** Which element of a broadcast tensor each place reads: `places[i]`, or `i % period` where there are no places. */
export interface Reading {
  readonly period: number;
  readonly places: Int32Array | undefined;
}

const isSuffix = (shape: readonly number[], of: readonly number[]): boolean => {
  const start = shape.findIndex((size) => size !== 1);
  const kept = start === -1 ? [] : shape.slice(start);
  return kept.every((size, i) => size === of[of.length - kept.length + i]);
};

const placesOf = (shape: readonly number[], to: readonly number[]): Int32Array => {
  const strides = stridesOf(shape);
  const lead = to.length - shape.length;
  const steps = to.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : (strides[axis - lead] as number)));
  const places = new Int32Array(countOf(to));
  const index = new Array<number>(to.length).fill(0);
  let place = 0;
  for (let i = 0; i < places.length; i++) {
    places[i] = place;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      place += steps[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (to[axis] as number)) break;
      place -= (steps[axis] as number) * (to[axis] as number);
      index[axis] = 0;
    }
  }
  return places;
};

export const readingOf = (shape: readonly number[], to: readonly number[]): Reading =>
  isSuffix(shape, to)
    ? { period: Math.max(1, countOf(shape)), places: undefined }
    : { period: 1, places: placesOf(shape, to) };

export const placeAt = ({ period, places }: Reading, i: number): number =>
  places === undefined ? i % period : (places[i] as number);
