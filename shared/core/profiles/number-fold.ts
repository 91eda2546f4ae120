import { type ColumnData, isNumberArray, lengthOf, type NumberColumn, textAt } from './column-data.ts';
import type { NumberProfile } from './column-profile.ts';
import { addCounts, countBelow, countUpTo } from './count-bins.ts';
import { absorbDistinct, addDistinct, COLUMN_REGISTERS } from './distinct-sketch.ts';
import { addToRow, EMPTY_HASH, type FoldChunk } from './fold-chunk.ts';
import { hashWords } from './hash.ts';
import { mergeMoments, momentsOfSorted, NO_MOMENTS } from './moment-sums.ts';
import { createQuantileAccumulator } from './quantile-accumulator.ts';
import type { NumberBins } from './table-bins.ts';

const INDEX_BITS = 31 - Math.clz32(COLUMN_REGISTERS);
/** Beyond it sums of squares would overflow. */
const MAX_MAGNITUDE = 1e140;
/** Set in whole in the upper word of an infinity and of NaN. */
const EXPONENT = 0x7ff0_0000;

interface Tallies {
  absentCount: number;
  missingCount: number;
  mistypedCount: number;
  notFiniteCount: number;
  outOfRangeCount: number;
  fingerprint: number;
  readonly counts: Float64Array;
  readonly distinct: Uint8Array;
}

/** Hands the usable numbers to the sorter. @returns how many those are. */
const pickUsable = (tallies: Tallies, { length, numbers, sorter }: FoldChunk): number => {
  const usable = sorter.values;
  let usableCount = 0;
  let missing = 0;
  for (let i = 0; i < length; i += 1) {
    // Adding zero turns -0 into 0.
    const value = (numbers[i] as number) + 0;
    numbers[i] = value;
    if (value >= -MAX_MAGNITUDE && value <= MAX_MAGNITUDE) {
      usable[usableCount] = value;
      usableCount += 1;
    } else if (Number.isNaN(value)) missing += 1;
  }
  tallies.missingCount += missing;
  tallies.notFiniteCount += length - usableCount - missing;
  return usableCount;
};

const hashAll = (tallies: Tallies, { length, words, rowHashes, rowWeights }: FoldChunk): void => {
  const { distinct } = tallies;
  let sum = tallies.fingerprint;
  // A local integer: the compiler would box one that is imported, once a value.
  const empty = EMPTY_HASH | 0;
  for (let i = 0; i < length; i += 1) {
    const high = words[2 * i + 1] as number;
    let hash = empty;
    if ((high & EXPONENT) !== EXPONENT) {
      hash = hashWords(words[2 * i] as number, high);
      addDistinct(distinct, INDEX_BITS, hash);
    }
    rowHashes[i] = addToRow(rowHashes[i] as number, hash);
    sum = (sum + Math.imul(hash, rowWeights[i] as number)) | 0;
  }
  tallies.fingerprint = sum;
};

const countSorted = (tallies: Tallies, { edges, min, max }: NumberBins, sorted: Float64Array, length: number): void => {
  const { counts } = tallies;
  let before = 0;
  for (let bin = 0; bin < edges.length; bin += 1) {
    const upTo = countUpTo(sorted, length, edges[bin] as number);
    counts[bin] = (counts[bin] as number) + upTo - before;
    before = upTo;
  }
  counts[edges.length] = (counts[edges.length] as number) + length - before;
  if (min !== undefined) tallies.outOfRangeCount += countBelow(sorted, length, min);
  if (max !== undefined) tallies.outOfRangeCount += length - countUpTo(sorted, length, max);
};

/** Texts are no numbers, whatever they spell. */
const countTexts = (tallies: Tallies, chunk: FoldChunk, data: ColumnData): void => {
  for (let i = 0; i < chunk.length; i += 1) {
    if (textAt(data, chunk.from + i) === '') tallies.missingCount += 1;
    else tallies.mistypedCount += 1;
    chunk.rowHashes[i] = addToRow(chunk.rowHashes[i] as number, EMPTY_HASH);
  }
};

const addTallies = (tallies: Tallies, profile: NumberProfile): void => {
  tallies.absentCount += profile.absentCount;
  tallies.missingCount += profile.missingCount;
  tallies.mistypedCount += profile.mistypedCount;
  tallies.notFiniteCount += profile.notFiniteCount;
  tallies.outOfRangeCount += profile.outOfRangeCount;
  tallies.fingerprint = (tallies.fingerprint + profile.fingerprint) | 0;
  addCounts(tallies.counts, profile.counts);
  absorbDistinct(tallies.distinct, profile.distinct);
};

/** Folds the numbers of one column: pieces of rows, and profiles made elsewhere. */
export const createNumberFold = (bins: NumberBins, sketchSize: number) => {
  const tallies: Tallies = {
    absentCount: 0,
    missingCount: 0,
    mistypedCount: 0,
    notFiniteCount: 0,
    outOfRangeCount: 0,
    fingerprint: 0,
    counts: new Float64Array(bins.edges.length + 1),
    distinct: new Uint8Array(COLUMN_REGISTERS),
  };
  const quantiles = createQuantileAccumulator(sketchSize);
  const sortHint = { allDigits: false };
  let moments = NO_MOMENTS;

  const foldNumbers = (chunk: FoldChunk, data: NumberColumn): void => {
    chunk.numbers.set(data.subarray(chunk.from, chunk.from + chunk.length));
    const length = pickUsable(tallies, chunk);
    hashAll(tallies, chunk);
    const sorted = chunk.sorter.sort(length, sortHint);
    moments = mergeMoments(moments, momentsOfSorted(sorted, length));
    countSorted(tallies, bins, sorted, length);
    quantiles.addSorted(sorted, length);
  };

  const fold = (chunk: FoldChunk, data: ColumnData | undefined): void => {
    if (data === undefined || lengthOf(data) === 0) tallies.absentCount += chunk.length;
    else if (isNumberArray(data)) foldNumbers(chunk, data);
    else countTexts(tallies, chunk, data);
  };

  /** Cells that came as NaN because they were no numbers. */
  const recountMistyped = (count: number): void => {
    tallies.missingCount -= count;
    tallies.mistypedCount += count;
  };

  const absorb = (profile: NumberProfile): void => {
    addTallies(tallies, profile);
    moments = mergeMoments(moments, profile.moments);
    quantiles.absorb(profile.quantiles);
  };

  const profile = (): NumberProfile => ({
    name: bins.name,
    type: 'number',
    ...tallies,
    counts: tallies.counts.slice(),
    distinct: tallies.distinct.slice(),
    moments,
    quantiles: quantiles.sketch(),
  });
  return { type: 'number', fold, recountMistyped, absorb, profile } as const;
};
