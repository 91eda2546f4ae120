import { assert } from '../../kernel/assert.ts';
import { studentTQuantile } from '../statistics/student-t-quantile.ts';
import { choleskySolver } from './solve-positive-definite.ts';

/** A game: what each coalition of players is worth. A coalition is one 0 or 1 for each player. */
export interface Game {
  readonly playerCount: number;
  /** One number for each coalition. */
  readonly worth: (coalitions: readonly Uint8Array[]) => Promise<ArrayLike<number>>;
}

export interface SampledContributions {
  /** The empty coalition's worth. */
  readonly expected: number;
  /** One for each player; with `expected` they add up to the whole coalition's worth. */
  readonly values: Float64Array;
  /** Half the width of each value's 95 % interval; 0 where all coalitions were asked. */
  readonly errors: Float64Array;
}

/** Numbers in [0, 1), the same ones for the same seed. */
export type Random = () => number;

const bitsOf = (mask: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (mask >>> i) & 1);

/** |S|! (n − |S| − 1)! / n! for every size. */
const shapleyWeights = (count: number): Float64Array => {
  const weights = new Float64Array(count);
  weights[0] = 1 / count;
  for (let size = 1; size < count; size++) weights[size] = ((weights[size - 1] as number) * size) / (count - size);
  return weights;
};

const MOST_ENUMERATED = 20;

/** Shapley values by their definition: from the worth of all coalitions. */
export const enumerateShapley = async ({ playerCount, worth }: Game): Promise<SampledContributions> => {
  assert(playerCount >= 1 && playerCount <= MOST_ENUMERATED, `1 to ${MOST_ENUMERATED} players are enumerated`);
  const all = 2 ** playerCount;
  const worths = await worth(Array.from({ length: all }, (_, mask) => bitsOf(mask, playerCount)));
  const weights = shapleyWeights(playerCount);
  const values = new Float64Array(playerCount);
  const sizes = new Uint8Array(all);
  for (let mask = 0; mask < all; mask++) {
    const size = (sizes[mask >>> 1] as number) + (mask & 1);
    sizes[mask] = size;
    for (let player = 0; player < playerCount; player++) {
      if ((mask >>> player) & 1) continue;
      const gain = (worths[mask | (1 << player)] as number) - (worths[mask] as number);
      values[player] = (values[player] as number) + (weights[size] as number) * gain;
    }
  }
  return { expected: worths[0] as number, values, errors: new Float64Array(playerCount) };
};

/** Draws sizes of coalitions by the Shapley kernel, 1 / (size · (n − size)), and members evenly. */
const coalitionDrawer = (count: number, random: Random): (() => Uint8Array) => {
  const sizes = Array.from({ length: count - 1 }, (_, i) => 1 / ((i + 1) * (count - i - 1)));
  const total = sizes.reduce((sum, weight) => sum + weight, 0);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const drawSize = (): number => {
    let left = random() * total;
    for (const [i, weight] of sizes.entries()) {
      left -= weight;
      if (left < 0) return i + 1;
    }
    return count - 1;
  };
  return () => {
    const size = drawSize();
    const coalition = new Uint8Array(count);
    for (let i = 0; i < size; i++) {
      const j = i + Math.floor(random() * (count - i));
      const chosen = order[j] as number;
      order[j] = order[i] as number;
      order[i] = chosen;
      coalition[chosen] = 1;
    }
    return coalition;
  };
};

const complementOf = (coalition: Uint8Array): Uint8Array => coalition.map((bit) => 1 - bit);

/** Worth of each, asked once for coalitions that repeat. */
const worthOnce = async (game: Game, coalitions: readonly Uint8Array[]): Promise<Float64Array> => {
  const places = new Map<string, number>();
  const different: Uint8Array[] = [];
  const place = coalitions.map((coalition) => {
    const key = coalition.join('');
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, different.length);
    different.push(coalition);
    return different.length - 1;
  });
  const worths = await game.worth(different);
  return Float64Array.from(place, (at) => worths[at] as number);
};

interface Sample {
  readonly coalitions: readonly Uint8Array[];
  /** Of each its worth above the empty coalition's. */
  readonly gains: Float64Array;
  /** Of the whole coalition. */
  readonly total: number;
}

const dot = (coalition: Uint8Array, values: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < coalition.length; i++) sum += (coalition[i] as number) * (values[i] as number);
  return sum;
};

/** Least squares under the constraint that values add up to the total: values, and what maps residuals to them. */
const solveConstrained = ({ coalitions, gains, total }: Sample, count: number) => {
  const matrix = new Float64Array(count * count);
  const right = new Float64Array(count);
  const share = 1 / coalitions.length;
  coalitions.forEach((coalition, at) => {
    for (let i = 0; i < count; i++) {
      if (coalition[i] === 0) continue;
      right[i] = (right[i] as number) + share * (gains[at] as number);
      for (let j = 0; j < count; j++) {
        if (coalition[j] === 1) matrix[i * count + j] = (matrix[i * count + j] as number) + share;
      }
    }
  });
  const solve = choleskySolver(matrix, count);
  if (solve === undefined) return undefined;
  const ones = solve(new Float64Array(count).fill(1));
  const onesSum = ones.reduce((sum, value) => sum + value, 0);
  /** A⁻¹v, moved along A⁻¹1 so that it adds up to a total. */
  const solveTo = (vector: Float64Array, target: number): Float64Array => {
    const free = solve(vector);
    const excess = (free.reduce((sum, value) => sum + value, 0) - target) / onesSum;
    return free.map((value, i) => value - excess * (ones[i] as number));
  };
  return { values: solveTo(right, total), influence: (vector: Float64Array) => solveTo(vector, 0) };
};

/** Worths are sums of float32 numbers: a bar of nothing would claim what rounding cannot keep. */
const ROUNDING = 1e-9;

/**
 * Half widths of 95 % intervals: the sandwich estimator of least squares with a pair as one observation, since the two
 * of a pair are not independent, and Student's t with as many degrees of freedom as pairs above the parameters.
 */
const errorsOf = (
  { coalitions, gains, total }: Sample,
  values: Float64Array,
  influence: (vector: Float64Array) => Float64Array,
): Float64Array => {
  const count = values.length;
  const pairCount = coalitions.length / 2;
  const degrees = pairCount - (count - 1);
  const squares = new Float64Array(count);
  for (let pair = 0; pair < pairCount; pair++) {
    const score = new Float64Array(count);
    for (const at of [2 * pair, 2 * pair + 1]) {
      const coalition = coalitions[at] as Uint8Array;
      const residual = (gains[at] as number) - dot(coalition, values);
      for (let i = 0; i < count; i++) {
        if (coalition[i] === 1) score[i] = (score[i] as number) + residual / 2;
      }
    }
    const moved = influence(score);
    for (let i = 0; i < count; i++) squares[i] = (squares[i] as number) + (moved[i] as number) ** 2;
  }
  const quantile = studentTQuantile(0.975, degrees);
  const floor = ROUNDING * Math.max(Math.abs(total), ...values.map(Math.abs));
  return squares.map((sum) => floor + quantile * Math.sqrt(sum / (pairCount * degrees)));
};

/** Pairs for one player more than is estimated are the fewest: fewer give no bars to speak of. */
export const fewestPairs = (playerCount: number): number => 4 * playerCount;

/**
 * KernelSHAP: Shapley values by least squares on sampled coalitions, each with its complement, under the constraint that
 * they add up (Covert and Lee 2021, https://arxiv.org/abs/2012.01536, section 3, without importance weights since
 * coalitions are drawn by the kernel itself). All coalitions are asked instead where they are no more than the sample.
 * @param pairs at least `fewestPairs`.
 */
export const kernelShap = async (
  game: Game,
  { pairs, random }: { readonly pairs: number; readonly random: Random },
): Promise<SampledContributions> => {
  const { playerCount: count } = game;
  assert(pairs >= fewestPairs(count), `at least ${fewestPairs(count)} pairs are sampled`);
  if (count <= MOST_ENUMERATED && 2 ** count <= 2 * pairs + 2) return enumerateShapley(game);
  const draw = coalitionDrawer(count, random);
  const coalitions = Array.from({ length: pairs }, () => {
    const coalition = draw();
    return [coalition, complementOf(coalition)];
  }).flat();
  const ends = [new Uint8Array(count), new Uint8Array(count).fill(1)];
  const worths = await worthOnce(game, [...ends, ...coalitions]);
  const expected = worths[0] as number;
  const sample = {
    coalitions,
    gains: worths.subarray(2).map((worth) => worth - expected),
    total: (worths[1] as number) - expected,
  };
  const solved = solveConstrained(sample, count);
  assert(solved !== undefined, 'enough pairs give an equation that can be solved');
  return { expected, values: solved.values, errors: errorsOf(sample, solved.values, solved.influence) };
};
