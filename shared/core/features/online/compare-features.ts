import type { OnlineValue } from './online-plan.ts';

/** How one feature of the captured requests compares with what the training transform gives. */
export interface FeatureSkew {
  readonly feature: string;
  readonly comparedCount: number;
  readonly differingCount: number;
  /** In [0, 1]; 0 when nothing was compared. */
  readonly differingShare: number;
  /** Of two numbers; 0 when none differ. A value on one side only differs, but by no number. */
  readonly largestDifference: number;
  /** The prediction with the largest difference, or the first that differs. */
  readonly worstPredictionId?: string;
}

/** One value of one captured request beside the training transform's. */
export interface ComparedValue {
  readonly predictionId: string;
  readonly feature: string;
  readonly served: OnlineValue;
  readonly trained: OnlineValue;
}

/** A model takes numbers as float32, and so they are captured: closer than that, no value differs from another. */
const asTaken = (value: OnlineValue): OnlineValue => (typeof value === 'number' ? Math.fround(value) : value);

/** A value on one side only differs, but by no number. */
const differenceOf = ({ served, trained }: ComparedValue): number =>
  typeof served === 'number' && typeof trained === 'number' ? Math.abs(Math.fround(served) - Math.fround(trained)) : 0;

interface Tally {
  comparedCount: number;
  differingCount: number;
  largestDifference: number;
  worstPredictionId?: string;
}

const count = (tally: Tally, value: ComparedValue): void => {
  tally.comparedCount += 1;
  if (asTaken(value.served) === asTaken(value.trained)) return;
  tally.differingCount += 1;
  const difference = differenceOf(value);
  if (tally.worstPredictionId !== undefined && difference <= tally.largestDifference) return;
  tally.largestDifference = difference;
  tally.worstPredictionId = value.predictionId;
};

/** By feature, in the order given. Values are equal when they are the same float32 or text, or both missing. */
export const compareFeatures = (
  features: readonly string[],
  values: Iterable<ComparedValue>,
): readonly FeatureSkew[] => {
  const tallies = new Map<string, Tally>(
    features.map((feature) => [feature, { comparedCount: 0, differingCount: 0, largestDifference: 0 }]),
  );
  for (const value of values) {
    const tally = tallies.get(value.feature);
    if (tally !== undefined) count(tally, value);
  }
  return [...tallies].map(([feature, tally]) => ({
    feature,
    ...tally,
    differingShare: tally.comparedCount === 0 ? 0 : tally.differingCount / tally.comparedCount,
  }));
};
