import type { Attributes } from '../graph/attributes.ts';
import { numbersOf } from '../value.ts';

/** A list of numbers that may stand as floats, or since version 3 as a tensor. */
export const numbersAt = (attributes: Attributes, name: string): ArrayLike<number> => {
  const tensor = attributes.tensor(`${name}_as_tensor`);
  return tensor === undefined ? attributes.floats(name) : numbersOf(tensor);
};
