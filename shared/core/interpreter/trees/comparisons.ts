import { NODE_MODES, type NodeMode, type TreeNodes } from './tree-ensemble.ts';

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

export interface Comparison {
  readonly column: Column;
  readonly threshold: number;
  /** The condition of the model holds where this comparison does not. */
  readonly swapped: boolean;
}

const bits = new DataView(new ArrayBuffer(4));

/** The largest float32 below one; NaN, which nothing is at most, below the smallest. */
export const floatBelow = (value: number): number => {
  if (value === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (value === 0) return -(2 ** -149);
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? -1 : 1));
  return bits.getFloat32(0);
};

const ordered = (mode: NodeMode, feature: number, threshold: number): Comparison | undefined => {
  const plain: Column = { kind: 'feature', feature };
  const negated: Column = { kind: 'negated', feature };
  if (mode === 'BRANCH_LEQ') return { column: plain, threshold, swapped: false };
  if (mode === 'BRANCH_LT') return { column: plain, threshold: floatBelow(threshold), swapped: false };
  if (mode === 'BRANCH_GTE') return { column: negated, threshold: -threshold, swapped: false };
  if (mode === 'BRANCH_GT') return { column: negated, threshold: floatBelow(-threshold), swapped: false };
  return undefined;
};

const OPPOSITES: Readonly<Partial<Record<NodeMode, NodeMode>>> = {
  BRANCH_LEQ: 'BRANCH_GT',
  BRANCH_LT: 'BRANCH_GTE',
  BRANCH_GTE: 'BRANCH_LT',
  BRANCH_GT: 'BRANCH_LEQ',
};

/** The comparison that decides a node of a float32 tree, for numbers, infinities and NaN alike. */
export const comparisonOf = (nodes: TreeNodes, at: number): Comparison => {
  const mode = NODE_MODES[nodes.mode[at] as number] as NodeMode;
  const feature = nodes.feature[at] as number;
  const threshold = nodes.threshold[at] as number;
  const missingTracksTrue = nodes.missingTracksTrue[at] === 1;
  // NaN goes with the condition where the opposite condition, which NaN never fulfils, decides.
  const opposite = missingTracksTrue ? OPPOSITES[mode] : mode;
  const found = opposite === undefined || Number.isNaN(threshold) ? undefined : ordered(opposite, feature, threshold);
  if (found !== undefined) return { ...found, swapped: missingTracksTrue };
  return {
    column: { kind: 'flag', feature, mode, threshold, missingTracksTrue },
    threshold: 0.5,
    swapped: false,
  };
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
