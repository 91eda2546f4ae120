import type { DeclaredSlice } from '../deployment/index.ts';
import { hashText, type TableBins } from '../profiles/index.ts';

/** The column of a model's answers, beside its features. */
export const PREDICTION_COLUMN = '@prediction';
/** The slice of the whole traffic. */
export const ALL_TRAFFIC = 'all';

/** By what captured rows are folded. Deltas by the same plan merge; another reference is another plan. */
export interface FoldPlan {
  /** Changes with the bins and the slices. */
  readonly id: string;
  readonly bins: TableBins;
  readonly slices: readonly DeclaredSlice[];
  /**
   * How numbers are counted: as the float32 that the model read, as bins that lie between values want it; or by the digits
   * that were captured, where bins of an earlier release end on values.
   */
  readonly numbers: 'float32' | 'captured';
}

export const foldPlan = (
  bins: TableBins,
  slices: readonly DeclaredSlice[],
  numbers: FoldPlan['numbers'] = 'float32',
): FoldPlan => {
  const hash = (hashText(JSON.stringify(slices)) >>> 0).toString(16).padStart(8, '0');
  return { id: slices.length === 0 ? bins.id : `${bins.id}-${hash}`, bins, slices, numbers };
};
