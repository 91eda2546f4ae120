import { assert } from '../../kernel/assert.ts';

/**
 * How many different values there were: HyperLogLog (Flajolet, Fusy, Gandouet & Meunier 2007) over hashes of 32 bits. The
 * number of registers is a power of two; each holds the longest run of leading zeros, plus one, among its hashes.
 */
export type DistinctSketch = Uint8Array;

/** Registers of a column: standard error 1.04 / √256 = 6.5 %. */
export const COLUMN_REGISTERS = 256;
/** Registers of a table's rows: standard error 3.3 %. */
export const ROW_REGISTERS = 1_024;
/** Of the estimate, times √registers (Flajolet et al. 2007). */
const STANDARD_ERROR = 1.04;
/** Standard errors on either side that hold 99 %. */
const DEVIATIONS_99 = 2.576;

/** Takes a hash in. */
export const addDistinct = (registers: DistinctSketch, indexBits: number, hash: number): void => {
  const index = hash >>> (32 - indexBits);
  const rest = hash << indexBits;
  const rank = rest === 0 ? 33 - indexBits : Math.clz32(rest) + 1;
  if (rank > (registers[index] as number)) registers[index] = rank;
};

/** Takes another sketch of as many registers in. */
export const absorbDistinct = (registers: DistinctSketch, other: DistinctSketch): void => {
  assert(registers.length === other.length, 'distinct counts merge when they have as many registers');
  for (let i = 0; i < registers.length; i += 1) {
    if ((other[i] as number) > (registers[i] as number)) registers[i] = other[i] as number;
  }
};

const sigma = (x: number): number => {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let [sum, power, factor, before] = [x, x, 1, -1];
  while (sum !== before) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor *= 2;
  }
  return sum;
};

const tau = (x: number): number => {
  if (x === 0 || x === 1) return 0;
  let [sum, root, factor, before] = [1 - x, x, 1, -1];
  while (sum !== before) {
    before = sum;
    root = Math.sqrt(root);
    factor /= 2;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
};

/**
 * The estimated number of different values: Ertl's estimator (2017, "New cardinality estimation algorithms for
 * HyperLogLog sketches", algorithm 6), unbiased from none to billions without tables of corrections.
 */
export const estimateDistinct = (registers: DistinctSketch): number => {
  const size = registers.length;
  const longest = 32 - Math.log2(size);
  const byRank = new Array<number>(longest + 2).fill(0);
  for (const rank of registers) byRank[rank] = (byRank[rank] ?? 0) + 1;
  let sum = size * tau(1 - (byRank[longest + 1] ?? 0) / size);
  for (let rank = longest; rank >= 1; rank -= 1) sum = (sum + (byRank[rank] ?? 0)) / 2;
  sum += size * sigma((byRank[0] ?? 0) / size);
  return size ** 2 / (2 * Math.LN2) / sum;
};

/** How many different values there were, and between which numbers they lie with 99 % confidence. */
export interface DistinctCount {
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The estimate with its bounds: 2.576 standard errors, and one value more on either side, since among a few tens of values
 * one that shares its register with another is more than that. No bound is outside what is certain: at least as many
 * values as registers that are set, at most one a row.
 * @param total rows that the values came in.
 */
export const countDistinct = (registers: DistinctSketch, total: number): DistinctCount => {
  const error = (DEVIATIONS_99 * STANDARD_ERROR) / Math.sqrt(registers.length);
  const setCount = registers.reduce((count, rank) => count + (rank > 0 ? 1 : 0), 0);
  const within = (count: number): number => Math.min(total, Math.max(setCount, count));
  const estimate = estimateDistinct(registers);
  return {
    count: within(estimate),
    low: within(estimate / (1 + error) - 1),
    high: within(estimate / (1 - error) + 1),
  };
};
