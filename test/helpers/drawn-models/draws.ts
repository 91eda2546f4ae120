import type { Datatype, Tensor, TensorData } from '../../../shared/core/inference/index.ts';

/** Random numbers from a seed, and what random graphs are made of. */
export interface Draws {
  /** In [0, 1). */
  uniform(): number;
  /** A whole number in [low, high]. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A float32, now and then an edge: NaN, infinities, -0, subnormals. */
  float(): number;
  /** A float32 around 0, without edges. */
  plain(): number;
}

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c. */
export const createDraws = (seed: number): Draws => {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (low: number, high: number): number => low + Math.floor(uniform() * (high - low + 1));
  const pick = <T>(items: readonly T[]): T => items[whole(0, items.length - 1)]!;
  const plain = (): number => Math.fround((uniform() - 0.5) * pick([1, 4, 4, 20]));
  const edges = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e-45, -1e-40, 3.4e38, 1, -1];
  const float = (): number => Math.fround(uniform() < 0.15 ? pick(edges) : plain());
  return { uniform, whole, chance: (share) => uniform() < share, pick, float, plain };
};

export const TEXTS = ['', 'a', 'b', 'ab', 'é', '日本', '0', ' ', 'x'.repeat(40), 'A'];
const INTEGERS = [0n, 1n, -1n, 2n, 7n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

export const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** @param edges whether numbers may be edges. */
export const drawData = (draws: Draws, datatype: Datatype, count: number, edges = true): TensorData => {
  const list = <T>(draw: () => T): T[] => Array.from({ length: count }, draw);
  const number = edges ? draws.float : draws.plain;
  if (datatype === 'FP32') return Float32Array.from(list(number));
  if (datatype === 'FP64') return Float64Array.from(list(() => number() * (edges ? 1.0000001 : 1)));
  if (datatype === 'INT64')
    return BigInt64Array.from(
      list(() => (edges && draws.chance(0.3) ? draws.pick(INTEGERS) : BigInt(draws.whole(-9, 9)))),
    );
  if (datatype === 'INT32')
    return Int32Array.from(
      list(() => (edges && draws.chance(0.1) ? draws.pick([2 ** 31 - 1, -(2 ** 31)]) : draws.whole(-9, 9))),
    );
  if (datatype === 'BOOL') return Uint8Array.from(list(() => draws.whole(0, 1)));
  if (datatype === 'UINT8') return Uint8Array.from(list(() => draws.whole(0, 255)));
  if (datatype === 'BYTES') return list(() => draws.pick(TEXTS));
  throw new Error(`no data of ${datatype} is drawn`);
};

export const drawTensor = (
  draws: Draws,
  name: string,
  {
    datatype,
    shape,
    edges,
  }: { readonly datatype: Datatype; readonly shape: readonly number[]; readonly edges?: boolean },
): Tensor => ({ name, datatype, shape, data: drawData(draws, datatype, countOf(shape), edges) });

/** Up to three axes; seldom an empty one. */
export const drawShape = (draws: Draws, leastRank = 0): readonly number[] =>
  Array.from({ length: draws.whole(leastRank, 3) }, () => (draws.chance(0.04) ? 0 : draws.whole(1, 4)));
