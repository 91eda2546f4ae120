import type { NodeMode } from './tree-ensemble.ts';

/**
 * Every condition of a tree as one: "this column is at most that threshold", which is false for NaN. Columns are the
 * features themselves, their negations, and flags for what no single comparison says.
 */

export type Column =
  | { readonly kind: 'feature'; readonly feature: number }
  | { readonly kind: 'negated'; readonly feature: number }
  /** 0 where the feature fulfils the condition, else 1. */
  | {
      readonly kind: 'flag';
      readonly feature: number;
      readonly mode: NodeMode;
      readonly threshold: number;
      readonly missingTracksTrue: boolean;
    };

const SIGN = 1 << 31;
const INFINITE = 0x7f800000;

/** The bits of the largest float32 below one; of NaN, which nothing is at most, below the smallest. */
export const bitsBelow = (bits: number): number => {
  if (bits << 1 === 0) return SIGN | 1;
  return bits > 0 ? bits - 1 : bits + 1;
};

/**
 * Is a node decided by an order? Then its condition or the opposite one is "the feature, or its negation, is at most
 * that threshold": NaN goes with the condition where the opposite one, which NaN never fulfils, decides.
 * @param mode a place in NODE_MODES.
 * @param threshold a float32's bits: a cold start waits for this, and a float would be an object each.
 */
export const isOrdered = (mode: number, threshold: number): boolean => mode <= 3 && (threshold & ~SIGN) <= INFINITE;

/**
 * @param missing 1 where NaN goes with the condition, else 0.
 * @returns 1 where the negation of the feature is compared, else 0: for GTE and GT, and for the opposites of the others.
 */
export const negates = (mode: number, missing: number): number => (mode >>> 1) ^ missing;

/** What an ordered node's feature, or its negation, is at most, in bits: strict conditions take the float below. */
export const orderedThreshold = (mode: number, missing: number, threshold: number): number => {
  const signed = negates(mode, missing) === 1 ? threshold ^ SIGN : threshold;
  return ((mode & 1) ^ missing) === 1 ? bitsBelow(signed) : signed;
};

/** Does a value fulfil a node's condition, as the operator defines it? */
export const fulfils = (
  value: number,
  { mode, threshold, missingTracksTrue }: Omit<Column & { kind: 'flag' }, 'kind' | 'feature'>,
): boolean => {
  if (missingTracksTrue && Number.isNaN(value)) return true;
  if (mode === 'BRANCH_LEQ') return value <= threshold;
  if (mode === 'BRANCH_LT') return value < threshold;
  if (mode === 'BRANCH_GTE') return value >= threshold;
  if (mode === 'BRANCH_GT') return value > threshold;
  return mode === 'BRANCH_EQ' ? value === threshold : value !== threshold;
};
