import type { TreeModel, TreeRows } from '../interpreter/index.ts';

/**
 * The number that trees add up to before anything is made of it: a log-odds, or the value itself. In double, since
 * contributions are to add up to it.
 */
export interface Margin {
  /** What the leaves of each target (or class) count by. */
  readonly targetWeights: readonly number[];
  /** Added to what the leaves come to. */
  readonly base: number;
  /** How the model's output follows from it. */
  readonly link: Link;
}

export type Link = 'identity' | 'logit';

export const logistic = (margin: number): number => 1 / (1 + Math.exp(-margin));

/** Nearer to 0 or 1 than this a float32 says no more. */
const LEAST_PROBABILITY = 2 ** -24;

/** A probability as log-odds, within ±16.6. */
export const logit = (probability: number): number => {
  const inside = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probability));
  return Math.log(inside / (1 - inside));
};

export const outputOf = (link: Link, margin: number): number => (link === 'logit' ? logistic(margin) : margin);

/** What each leaf adds to the margin; 0 elsewhere. */
export const leafValues = ({ ensemble, aggregate }: TreeModel, { targetWeights }: Margin): Float64Array => {
  const { nodes, weightTarget, weightValue, roots } = ensemble;
  const share = aggregate === 'AVERAGE' ? 1 / roots.length : 1;
  return Float64Array.from(nodes.mode, (_, node) => {
    const first = nodes.firstWeight[node] as number;
    let value = 0;
    for (let at = first; at < first + (nodes.weightCount[node] as number); at++) {
      value += (weightValue[at] as number) * (targetWeights[weightTarget[at] as number] ?? 0) * share;
    }
    return value;
  });
};

/** The leaf that a row reaches from a node. */
export const leafFrom = (model: TreeModel, node: number, rows: TreeRows, row: number): number => {
  const { feature, trueChild, falseChild } = model.ensemble.nodes;
  const start = row * rows.stride;
  let at = node;
  while (!model.isLeaf(at)) {
    const goes = model.goesTrue(at, rows.data[start + (feature[at] as number)] as number);
    at = (goes ? trueChild[at] : falseChild[at]) as number;
  }
  return at;
};

/** The margin of a row, added up in double. */
export const marginOf = (
  model: TreeModel,
  { values, base }: { readonly values: Float64Array; readonly base: number },
  rows: TreeRows,
  row: number,
): number => {
  let sum = base;
  for (const root of model.ensemble.roots) sum += values[leafFrom(model, root, rows, row)] as number;
  return sum;
};

/** Outputs are float32, of sums that were rounded after each tree. */
const OUTPUT_TOLERANCE = 1e-4;

const agrees = (expected: number, output: number): boolean =>
  Math.abs(expected - output) <= OUTPUT_TOLERANCE * Math.max(1, Math.abs(output));

/** Readings of one or two targets: the weights of their leaves, and which base value belongs to them. */
const readings = ({ ensemble: { targetCount }, baseValues }: TreeModel): readonly Omit<Margin, 'link'>[] => {
  const [first = 0, second = 0] = baseValues;
  if (targetCount === 1) return [{ targetWeights: [1], base: first }];
  if (targetCount !== 2) return [];
  // Leaves may vote for the first class alone and mean the second, as LightGBM's converter writes them.
  return [
    { targetWeights: [0, 1], base: second },
    { targetWeights: [0, 1], base: first },
    { targetWeights: [1, 0], base: first },
    { targetWeights: [1, 0], base: second },
    { targetWeights: [-1, 1], base: second - first },
    { targetWeights: [1, -1], base: first - second },
    { targetWeights: [-1, 0], base: -first },
  ];
};

/**
 * Finds out how a model's output follows from its trees, by asking it: operators after the trees, and what converters
 * make of two classes, are not taken on trust.
 * @param outputs of the rows, by the model itself.
 * @returns undefined where no reading gives these outputs, as of smallest or largest leaves.
 */
export const findMargin = (model: TreeModel, rows: TreeRows, outputs: ArrayLike<number>): Margin | undefined => {
  if (model.aggregate !== 'SUM' && model.aggregate !== 'AVERAGE') return undefined;
  const candidates = readings(model).flatMap((reading) =>
    (['logit', 'identity'] as const).map((link): Margin => ({ ...reading, link })),
  );
  return candidates.find((margin) => {
    const values = { values: leafValues(model, margin), base: margin.base };
    for (let row = 0; row < rows.rowCount; row++) {
      if (!agrees(outputOf(margin.link, marginOf(model, values, rows, row)), outputs[row] as number)) return false;
    }
    return rows.rowCount > 0;
  });
};
