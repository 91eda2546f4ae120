/** Uniform draws that are a function of a seed. */
export interface SeededRandom {
  /** An integer in [0, 2^32). */
  next(): number;
  /** Uniform in [0, 1), with 53 bits. */
  fraction(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** Another generator, of the same seed and this label: draws of one do not shift the other's. */
  fork(label: string): SeededRandom;
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const hashText = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** SplitMix32: spreads one word over the generator's state. https://doi.org/10.1145/2714064.2660195 */
const splitMix = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
};

const rotateLeft = (word: number, count: number): number => (word << count) | (word >>> (32 - count));

/** xoshiro128**, by Blackman and Vigna: https://prng.di.unimi.it/xoshiro128starstar.c */
export const xoshiro128StarStar = (state: readonly [number, number, number, number]): (() => number) => {
  let [a, b, c, d] = state;
  return () => {
    const drawn = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return drawn;
  };
};

export const createSeededRandom = (seed: string): SeededRandom => {
  const mix = splitMix(hashText(seed));
  const next = xoshiro128StarStar([mix(), mix(), mix(), mix()]);
  const fraction = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
  return {
    next,
    fraction,
    below: (bound) => Math.floor(fraction() * bound),
    fork: (label) => createSeededRandom(`${seed}/${label}`),
  };
};
