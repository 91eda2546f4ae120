import type { BinnedRows } from './binned-rows.ts';
import { CELL, FEATURE_STRIDE, type GradientHistogram } from './gradient-histogram.ts';

/** Sums over a node's rows. */
export interface NodeSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rowCount: number;
}

export interface Split {
  readonly featureIndex: number;
  /** The last bin that goes left. */
  readonly bin: number;
  readonly missingGoesLeft: boolean;
  /** How much the second-order approximation of the loss falls (twice over); > 0. */
  readonly gain: number;
  readonly left: NodeSums;
  readonly right: NodeSums;
}

export interface SplitRules {
  readonly minRowsPerLeaf: number;
  readonly l2: number;
}

/** Least second-derivative sum of a leaf, so that its step is bounded: LightGBM's default. */
const MIN_HESSIAN = 1e-3;
/** A gain below this share of the children's score is rounding, not structure. */
const MIN_RELATIVE_GAIN = 1e-10;

const scoreOf = (gradient: number, hessian: number, l2: number): number => (gradient * gradient) / (hessian + l2);

/** The sums of a node from its histogram: any one feature's bins hold all its rows. */
export const sumsOf = (histogram: GradientHistogram): NodeSums => {
  let gradient = 0;
  let hessian = 0;
  let rowCount = 0;
  for (let i = 0; i < FEATURE_STRIDE; i += CELL) {
    gradient += histogram[i] as number;
    hessian += histogram[i + 1] as number;
    rowCount += histogram[i + 2] as number;
  }
  return { gradient, hessian, rowCount };
};

/** The best cut of one feature so far, mutable because the scan below runs millions of times. */
interface Candidate {
  score: number;
  bin: number;
  missingGoesLeft: boolean;
  gradient: number;
  hessian: number;
  rowCount: number;
}

interface Scan {
  readonly histogram: GradientHistogram;
  /** Position of the feature's first cell. */
  readonly offset: number;
  readonly lastBin: number;
  readonly node: NodeSums;
  readonly rules: SplitRules;
}

/**
 * Tries each cut of a feature with the missing rows on one side, and keeps it when it beats the candidate. Equal scores
 * keep the earlier one: lower feature, missing right, lower bin.
 */
const scanBins = (
  { histogram, offset, lastBin, node, rules: { minRowsPerLeaf, l2 } }: Scan,
  missingGoesLeft: boolean,
  best: Candidate,
): void => {
  let gradient = missingGoesLeft ? (histogram[offset] as number) : 0;
  let hessian = missingGoesLeft ? (histogram[offset + 1] as number) : 0;
  let rowCount = missingGoesLeft ? (histogram[offset + 2] as number) : 0;
  for (let bin = 1; bin <= lastBin; bin++) {
    const cell = offset + bin * CELL;
    const rowsInBin = histogram[cell + 2] as number;
    // An empty bin offers no new cut, only what subtraction left of its sums.
    if (rowsInBin === 0) continue;
    gradient += histogram[cell] as number;
    hessian += histogram[cell + 1] as number;
    rowCount += rowsInBin;
    if (rowCount < minRowsPerLeaf || hessian < MIN_HESSIAN) continue;
    const hessianRight = node.hessian - hessian;
    if (node.rowCount - rowCount < minRowsPerLeaf || hessianRight < MIN_HESSIAN) return;
    const score = scoreOf(gradient, hessian, l2) + scoreOf(node.gradient - gradient, hessianRight, l2);
    if (score <= best.score) continue;
    best.score = score;
    best.bin = bin;
    best.missingGoesLeft = missingGoesLeft;
    best.gradient = gradient;
    best.hessian = hessian;
    best.rowCount = rowCount;
  }
};

/**
 * The split of a node that gains most, by the second-order rule of XGBoost (Chen and Guestrin 2016, eq. 7).
 * Missing rows go to the side that gains more; where the node has none, to the side with more rows.
 * @returns undefined when no split is allowed or none gains.
 */
export const findSplit = (
  histogram: GradientHistogram,
  rows: BinnedRows,
  node: NodeSums,
  rules: SplitRules,
): Split | undefined => {
  const best: Candidate = { score: 0, bin: 0, missingGoesLeft: false, gradient: 0, hessian: 0, rowCount: 0 };
  let featureIndex = -1;
  for (let feature = 0; feature < rows.featureCount; feature++) {
    const offset = feature * FEATURE_STRIDE;
    const missingCount = histogram[offset + 2] as number;
    const valueBins = (rows.thresholds[feature] as Float32Array).length + 1;
    const before = best.score;
    // The cut after the last value bin parts the missing rows from the rest.
    const scan = { histogram, offset, lastBin: missingCount > 0 ? valueBins : valueBins - 1, node, rules };
    scanBins(scan, false, best);
    if (missingCount > 0) scanBins({ ...scan, lastBin: valueBins - 1 }, true, best);
    if (best.score === before) continue;
    featureIndex = feature;
    if (missingCount === 0) best.missingGoesLeft = best.rowCount * 2 >= node.rowCount;
  }
  const gain = best.score - scoreOf(node.gradient, node.hessian, rules.l2);
  if (featureIndex < 0 || gain <= MIN_RELATIVE_GAIN * best.score) return undefined;
  const { bin, missingGoesLeft, gradient, hessian, rowCount } = best;
  const right = {
    gradient: node.gradient - gradient,
    hessian: node.hessian - hessian,
    rowCount: node.rowCount - rowCount,
  };
  return { featureIndex, bin, missingGoesLeft, gain, left: { gradient, hessian, rowCount }, right };
};
