import { assert } from '../../kernel/assert.ts';
import { moments } from '../statistics/moments.ts';
import { type DeclaredSlice, inSlice } from './in-slice.ts';
import type { CapturedInputs, ReplayedAnswer } from './score-captured.ts';

/** How far the challenger's answers are from the champion's, over the rows of a slice that both scored. */
export interface ReplayPart {
  readonly slice: string;
  readonly rowCount: number;
  readonly meanDifference: number;
  readonly largestDifference: number;
  readonly changedShare: number;
}

interface Pair {
  readonly inputs: CapturedInputs;
  readonly difference: number;
}

const ALL_ROWS = 'all';

/** Rows that both scored, by challenger − champion. */
export const pairsOf = (
  rows: readonly CapturedInputs[],
  challenger: readonly ReplayedAnswer[],
  champion: readonly ReplayedAnswer[],
): readonly Pair[] =>
  rows.flatMap((inputs, i) => {
    const [ours, theirs] = [challenger[i], champion[i]];
    return typeof ours === 'number' && typeof theirs === 'number' ? [{ inputs, difference: ours - theirs }] : [];
  });

const partOf = (slice: string, pairs: readonly Pair[], changedAbove: number): readonly ReplayPart[] => {
  if (pairs.length === 0) return [];
  const rowCount = pairs.length;
  const sizes = pairs.map(({ difference }) => Math.abs(difference));
  return [
    {
      slice,
      rowCount,
      meanDifference: pairs.reduce((sum, { difference }) => sum + difference, 0) / rowCount,
      largestDifference: sizes.reduce((a, b) => Math.max(a, b), 0),
      changedShare: sizes.filter((size) => size > changedAbove).length / rowCount,
    },
  ];
};

/** All rows, then each slice that has any. */
export const replayParts = (
  pairs: readonly Pair[],
  slices: readonly DeclaredSlice[],
  changedAbove: number,
): readonly ReplayPart[] => [
  ...partOf(ALL_ROWS, pairs, changedAbove),
  ...slices.flatMap(({ name, where }) =>
    partOf(
      name,
      pairs.filter(({ inputs }) => inSlice(where, inputs)),
      changedAbove,
    ),
  ),
];

export const medianOf = (values: readonly number[]): number => {
  assert(values.length > 0, 'a median needs a value');
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[sorted.length / 2 - 1] as number) + upper) / 2;
};

const DEFAULT_CHANGE = 0.1;

/** From which difference on a prediction counts as changed, where the definition does not say. */
export const defaultChangedAbove = (
  task: 'binary-classification' | 'regression',
  champion: readonly ReplayedAnswer[],
): number => {
  if (task === 'binary-classification') return DEFAULT_CHANGE;
  const spread = moments(champion.filter((answer) => typeof answer === 'number'))?.standardDeviation ?? 0;
  return DEFAULT_CHANGE * spread;
};
