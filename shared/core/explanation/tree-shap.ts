import { assert } from '../../kernel/assert.ts';
import type { TreeModel, TreeRows } from '../interpreter/index.ts';

/**
 * TreeSHAP: the Shapley values of a row's features in the margin of an ensemble of trees, exactly and in double. Players
 * are the graph's inputs: several of the trees' features that come from one input (its one-hot columns) are known
 * together or not at all.
 */
export interface TreeShapModel {
  readonly trees: TreeModel;
  /** Of each of the trees' features, the one player it belongs to. */
  readonly players: Int32Array;
  readonly playerCount: number;
  /** What each leaf adds to the margin, by node. */
  readonly values: Float64Array;
  readonly base: number;
}

export interface Contributions {
  /** The mean that contributions start from. */
  readonly expected: number;
  /** One for each player; with `expected` they add up to the margin. */
  readonly values: Float64Array;
}

const MOST_DEPTH = 512;

/** Features met on the way down, each once; entry 0 is none. */
interface Path {
  readonly player: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weight: Float64Array;
}

const newPath = (length: number): Path => ({
  player: new Int32Array(length),
  zero: new Float64Array(length),
  one: new Float64Array(length),
  weight: new Float64Array(length),
});

const copyPath = (from: Path, to: Path, count: number): void => {
  for (let i = 0; i < count; i++) {
    to.player[i] = from.player[i] as number;
    to.zero[i] = from.zero[i] as number;
    to.one[i] = from.one[i] as number;
    to.weight[i] = from.weight[i] as number;
  }
};

interface Step {
  readonly player: number;
  readonly zero: number;
  readonly one: number;
}

/** EXTEND of the paper's algorithm 2. @param length entries before it. */
const extend = ({ player, zero, one, weight }: Path, length: number, step: Step): void => {
  player[length] = step.player;
  zero[length] = step.zero;
  one[length] = step.one;
  weight[length] = length === 0 ? 1 : 0;
  for (let i = length - 1; i >= 0; i--) {
    const here = weight[i] as number;
    weight[i + 1] = (weight[i + 1] as number) + (step.one * here * (i + 1)) / (length + 1);
    weight[i] = (step.zero * here * (length - i)) / (length + 1);
  }
};

/** UNWIND: takes an entry out again. @param last the place of the last entry. */
const unwind = ({ player, zero, one, weight }: Path, last: number, at: number): void => {
  const oneHere = one[at] as number;
  const zeroHere = zero[at] as number;
  let next = weight[last] as number;
  for (let i = last - 1; i >= 0; i--) {
    if (oneHere === 0) {
      weight[i] = ((weight[i] as number) * (last + 1)) / (zeroHere * (last - i));
    } else {
      const before = weight[i] as number;
      weight[i] = (next * (last + 1)) / ((i + 1) * oneHere);
      next = before - ((weight[i] as number) * zeroHere * (last - i)) / (last + 1);
    }
  }
  for (let i = at; i < last; i++) {
    player[i] = player[i + 1] as number;
    zero[i] = zero[i + 1] as number;
    one[i] = one[i + 1] as number;
  }
};

/** The sum of the weights as they would be without an entry. */
const unwoundSum = ({ zero, one, weight }: Path, last: number, at: number): number => {
  const oneHere = one[at] as number;
  const zeroHere = zero[at] as number;
  let next = weight[last] as number;
  let total = 0;
  for (let i = last - 1; i >= 0; i--) {
    if (oneHere === 0) total += (weight[i] as number) / ((zeroHere * (last - i)) / (last + 1));
    else {
      const part = (next * (last + 1)) / ((i + 1) * oneHere);
      total += part;
      next = (weight[i] as number) - (part * zeroHere * (last - i)) / (last + 1);
    }
  }
  return total;
};

interface Descent {
  readonly model: TreeShapModel;
  readonly covers: ArrayLike<number>;
  /** Whether the row goes to a node's true child. */
  readonly goesTrue: (node: number) => boolean;
  readonly paths: Path[];
  readonly into: Float64Array;
}

const pathAt = (paths: Path[], depth: number): Path => {
  assert(depth < MOST_DEPTH, `trees are at most ${MOST_DEPTH} deep`);
  paths[depth] ??= newPath(MOST_DEPTH + 1);
  return paths[depth];
};

const findPlayer = ({ player }: Path, length: number, wanted: number): number => {
  for (let i = 1; i < length; i++) if (player[i] === wanted) return i;
  return -1;
};

/** @param length entries of the path above. */
const descend = (descent: Descent, node: number, depth: number, length: number, step: Step): void => {
  const { model, covers, into } = descent;
  const { trees, players, values } = model;
  const { feature, trueChild, falseChild } = trees.ensemble.nodes;
  const path = pathAt(descent.paths, depth);
  if (depth > 0) copyPath(pathAt(descent.paths, depth - 1), path, length);
  extend(path, length, step);
  if (trees.isLeaf(node)) {
    const value = values[node] as number;
    for (let i = 1; i <= length; i++) {
      const player = path.player[i] as number;
      const gain = unwoundSum(path, length, i) * ((path.one[i] as number) - (path.zero[i] as number)) * value;
      into[player] = (into[player] as number) + gain;
    }
    return;
  }
  const player = players[feature[node] as number] as number;
  const goes = descent.goesTrue(node);
  const hot = (goes ? trueChild[node] : falseChild[node]) as number;
  const cold = (goes ? falseChild[node] : trueChild[node]) as number;
  const cover = covers[node] as number;
  const known = findPlayer(path, length + 1, player);
  const incoming =
    known === -1 ? { zero: 1, one: 1 } : { zero: path.zero[known] as number, one: path.one[known] as number };
  let count = length + 1;
  if (known !== -1) {
    unwind(path, length, known);
    count -= 1;
  }
  const zeroOf = (child: number): number => (incoming.zero * (covers[child] as number)) / cover;
  descend(descent, hot, depth + 1, count, { player, zero: zeroOf(hot), one: incoming.one });
  descend(descent, cold, depth + 1, count, { player, zero: zeroOf(cold), one: 0 });
};

const meanFrom = (model: TreeShapModel, covers: ArrayLike<number>, node: number): number => {
  const { trees, values } = model;
  if (trees.isLeaf(node)) return values[node] as number;
  const { trueChild, falseChild } = trees.ensemble.nodes;
  const [left, right] = [trueChild[node] as number, falseChild[node] as number];
  const sum =
    (covers[left] as number) * meanFrom(model, covers, left) +
    (covers[right] as number) * meanFrom(model, covers, right);
  return sum / (covers[node] as number);
};

/**
 * Path-dependent TreeSHAP (Lundberg, Erion and Lee 2018, https://arxiv.org/abs/1802.03888, algorithm 2): where a feature
 * is not known, both ways are taken by the share of the training rows that took them.
 * @param covers training rows by node, above 0.
 */
export const pathDependentShap = (
  model: TreeShapModel,
  covers: ArrayLike<number>,
): ((rows: TreeRows, row: number) => Contributions) => {
  const { trees, base, playerCount } = model;
  const { feature } = trees.ensemble.nodes;
  const expected = Array.from(trees.ensemble.roots).reduce((sum, root) => sum + meanFrom(model, covers, root), base);
  const paths: Path[] = [];
  return (rows, row) => {
    const start = row * rows.stride;
    const into = new Float64Array(playerCount);
    const goesTrue = (node: number): boolean =>
      trees.goesTrue(node, rows.data[start + (feature[node] as number)] as number);
    const descent: Descent = { model, covers, goesTrue, paths, into };
    for (const root of trees.ensemble.roots) descend(descent, root, 0, 0, { player: -1, zero: 1, one: 1 });
    return { expected, values: into };
  };
};

/** Weights of a leaf by how many players must come from the row, and how many from the background. */
const createLeafWeights = (): ((own: number, other: number) => number) => {
  const kept: number[][] = [];
  /** (own − 1)! · other! / (own + other)! */
  const compute = (own: number, other: number): number => {
    let weight = 1 / (own + other);
    for (let i = 1; i <= other; i++) weight *= i / (own - 1 + i);
    return weight;
  };
  return (own, other) => {
    kept[own] ??= [];
    const line = kept[own] as number[];
    line[other] ??= compute(own, other);
    return line[other] as number;
  };
};

const leafWeight = createLeafWeights();

/** Who a player's value comes from on this way down. */
const UNDECIDED = 0;
const OWN = 1;
const OTHER = 2;

interface Pair {
  readonly model: TreeShapModel;
  readonly goesTrue: (node: number) => boolean;
  readonly otherGoesTrue: (node: number) => boolean;
  readonly side: Uint8Array;
  readonly into: Float64Array;
  /** What the ways below a node that was last returned from add to players of the row, and of the background. */
  own: number;
  other: number;
}

/** @param own players that come from the row so far. */
const walkPair = (pair: Pair, node: number, own: number, other: number): void => {
  const { model, side, into } = pair;
  const { trees, players, values } = model;
  if (trees.isLeaf(node)) {
    const value = values[node] as number;
    pair.own = own === 0 ? 0 : value * leafWeight(own, other);
    pair.other = other === 0 ? 0 : -value * leafWeight(other, own);
    return;
  }
  const { feature, trueChild, falseChild } = trees.ensemble.nodes;
  const ownChild = (pair.goesTrue(node) ? trueChild[node] : falseChild[node]) as number;
  const otherChild = (pair.otherGoesTrue(node) ? trueChild[node] : falseChild[node]) as number;
  const player = players[feature[node] as number] as number;
  if (ownChild === otherChild || side[player] !== UNDECIDED) {
    walkPair(pair, side[player] === OTHER ? otherChild : ownChild, own, other);
    return;
  }
  side[player] = OWN;
  walkPair(pair, ownChild, own + 1, other);
  const { own: ownGain, other: ownLoss } = pair;
  side[player] = OTHER;
  walkPair(pair, otherChild, own, other + 1);
  side[player] = UNDECIDED;
  into[player] = (into[player] as number) + ownGain + pair.other;
  pair.own += ownGain;
  pair.other += ownLoss;
};

/**
 * Interventional TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence 2, 56–67, algorithm 3): what is not known
 * is taken from background rows, each of which costs one walk.
 */
export const interventionalShap = (
  model: TreeShapModel,
  background: TreeRows,
): ((rows: TreeRows, row: number) => Contributions) => {
  assert(background.rowCount > 0, 'there are background rows');
  const { trees, base, playerCount, values } = model;
  const { feature, trueChild, falseChild } = trees.ensemble.nodes;
  // Decisions of each background row, once for all rows that are explained.
  const decisions = Array.from({ length: background.rowCount }, (_, row) =>
    Uint8Array.from(feature, (column, node) =>
      !trees.isLeaf(node) && trees.goesTrue(node, background.data[row * background.stride + column] as number) ? 1 : 0,
    ),
  );
  const leafOf = (decided: Uint8Array, root: number): number => {
    let at = root;
    while (!trees.isLeaf(at)) at = (decided[at] === 1 ? trueChild[at] : falseChild[at]) as number;
    return at;
  };
  let total = 0;
  for (const decided of decisions) {
    for (const root of trees.ensemble.roots) total += values[leafOf(decided, root)] as number;
  }
  const expected = base + total / background.rowCount;
  return (rows, row) => {
    const start = row * rows.stride;
    const decided = Uint8Array.from(feature, (column, node) =>
      !trees.isLeaf(node) && trees.goesTrue(node, rows.data[start + column] as number) ? 1 : 0,
    );
    const into = new Float64Array(playerCount);
    const side = new Uint8Array(playerCount);
    for (const other of decisions) {
      const pair: Pair = {
        model,
        goesTrue: (node) => decided[node] === 1,
        otherGoesTrue: (node) => other[node] === 1,
        side,
        into,
        own: 0,
        other: 0,
      };
      for (const root of trees.ensemble.roots) walkPair(pair, root, 0, 0);
    }
    return { expected, values: into.map((sum) => sum / background.rowCount) };
  };
};
