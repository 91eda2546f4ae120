import { assert } from '../../kernel/assert.ts';
import { meanInterval } from '../statistics/mean-interval.ts';
import type { Explanation } from './explainer.ts';
import type { Random } from './kernel-shap.ts';
import { type Columns, type FeatureInput, type Predict, tensorsOf } from './rows.ts';

/** What a model leans on a feature. */
export interface LossIncrease {
  /** How much the loss rises when the feature's values are dealt out anew among the rows. */
  readonly lossIncrease: number;
  /** 95 % of the mean rise over days; absent on fewer than two days. */
  readonly interval?: { readonly lower: number; readonly upper: number };
}

export interface FeatureImportance extends LossIncrease {
  readonly feature: string;
  /** Mean of the contribution's size over rows, in the margin's units. */
  readonly meanContribution?: number;
}

/** Mean |contribution| by feature. */
export const meanContributions = (explanations: readonly Explanation[]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const { contributions } of explanations) {
    for (const [name, value] of Object.entries(contributions)) sums[name] = (sums[name] ?? 0) + Math.abs(value);
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / explanations.length]));
};

/** The order of a pack of so many after shuffling (Fisher and Yates). */
const shuffled = (count: number, random: Random): readonly number[] => {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
};

const dealt = (values: Float32Array | readonly string[], order: readonly number[]): Float32Array | readonly string[] =>
  values instanceof Float32Array
    ? Float32Array.from(order, (row) => values[row] as number)
    : order.map((row) => values[row] as string);

/** Rows of a day share what it was like, so days are the sample. */
const overDays = (standing: readonly number[], shuffledLosses: readonly number[]): Pick<LossIncrease, 'interval'> => {
  const found = meanInterval(shuffledLosses.map((loss, day) => loss - (standing[day] as number)));
  return found === undefined ? {} : { interval: { lower: found.lower, upper: found.upper } };
};

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) on labelled rows: it tells what the model leans
 * on, and shares out nothing between features that say the same.
 * @param loss of predictions for these rows.
 * @param dayLosses the same for the rows of each day, for the intervals.
 */
export const permutationImportance = async ({
  inputs,
  columns,
  rowCount,
  predict,
  loss,
  dayLosses = () => [],
  random,
}: {
  readonly inputs: readonly FeatureInput[];
  readonly columns: Columns;
  readonly rowCount: number;
  readonly predict: Predict;
  readonly loss: (predictions: ArrayLike<number>) => number;
  readonly dayLosses?: (predictions: ArrayLike<number>) => readonly number[];
  readonly random: Random;
}): Promise<Readonly<Record<string, LossIncrease>>> => {
  assert(rowCount > 0, 'permutation importance needs rows');
  const lossesOf = async (asked: Columns) => {
    const predictions = await predict(tensorsOf(inputs, asked, rowCount), rowCount);
    return { all: loss(predictions), days: dayLosses(predictions) };
  };
  const standing = await lossesOf(columns);
  const increases: [string, LossIncrease][] = [];
  for (const { name } of inputs) {
    const values = columns[name];
    assert(values !== undefined, `feature ${name} has a column`);
    const order = shuffled(rowCount, random);
    const { all, days } = await lossesOf({ ...columns, [name]: dealt(values, order) });
    increases.push([name, { lossIncrease: all - standing.all, ...overDays(standing.days, days) }]);
  }
  return Object.fromEntries(increases);
};

/** Most important first: by mean contribution where there is one, else by the rise of the loss. */
export const rankImportance = (
  lossIncreases: Readonly<Record<string, LossIncrease>>,
  contributions: Readonly<Record<string, number>> | undefined,
): readonly FeatureImportance[] =>
  Object.entries(lossIncreases)
    .map(([feature, increase]) => {
      const meanContribution = contributions?.[feature];
      return { feature, ...increase, ...(meanContribution === undefined ? {} : { meanContribution }) };
    })
    .toSorted((a, b) => (b.meanContribution ?? b.lossIncrease) - (a.meanContribution ?? a.lossIncrease));
