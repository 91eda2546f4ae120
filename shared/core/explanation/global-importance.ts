import { assert } from '../../kernel/assert.ts';
import type { Explanation } from './explainer.ts';
import type { Random } from './kernel-shap.ts';
import { type Columns, type FeatureInput, type Predict, tensorsOf } from './rows.ts';

export interface FeatureImportance {
  readonly feature: string;
  /** Mean of the contribution's size over rows, in the margin's units. */
  readonly meanContribution?: number;
  /** How much the loss rises when the feature's values are dealt out anew among the rows. */
  readonly lossIncrease: number;
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

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) on labelled rows: it tells what the model leans
 * on, and shares out nothing between features that say the same.
 * @param loss of predictions for these rows.
 */
export const permutationImportance = async ({
  inputs,
  columns,
  rowCount,
  predict,
  loss,
  random,
}: {
  readonly inputs: readonly FeatureInput[];
  readonly columns: Columns;
  readonly rowCount: number;
  readonly predict: Predict;
  readonly loss: (predictions: ArrayLike<number>) => number;
  readonly random: Random;
}): Promise<Readonly<Record<string, number>>> => {
  assert(rowCount > 0, 'permutation importance needs rows');
  const lossOf = async (asked: Columns): Promise<number> =>
    loss(await predict(tensorsOf(inputs, asked, rowCount), rowCount));
  const standing = await lossOf(columns);
  const increases: [string, number][] = [];
  for (const { name } of inputs) {
    const values = columns[name];
    assert(values !== undefined, `feature ${name} has a column`);
    const order = shuffled(rowCount, random);
    increases.push([name, (await lossOf({ ...columns, [name]: dealt(values, order) })) - standing]);
  }
  return Object.fromEntries(increases);
};

/** Most important first: by mean contribution where there is one, else by the rise of the loss. */
export const rankImportance = (
  lossIncreases: Readonly<Record<string, number>>,
  contributions: Readonly<Record<string, number>> | undefined,
): readonly FeatureImportance[] =>
  Object.entries(lossIncreases)
    .map(([feature, lossIncrease]) => {
      const meanContribution = contributions?.[feature];
      return { feature, lossIncrease, ...(meanContribution === undefined ? {} : { meanContribution }) };
    })
    .toSorted((a, b) => (b.meanContribution ?? b.lossIncrease) - (a.meanContribution ?? a.lossIncrease));
