import { describe, expect, it } from 'vitest';
import { createAttributes } from '../../../../../../shared/core/interpreter/graph/attributes.ts';
import { readGraph } from '../../../../../../shared/core/interpreter/graph/read-graph.ts';
import { bitsBelow } from '../../../../../../shared/core/interpreter/trees/comparisons.ts';
import { createPlainFinder } from '../../../../../../shared/core/interpreter/trees/find-leaves.ts';
import { flattenTrees } from '../../../../../../shared/core/interpreter/trees/flat-trees.ts';
import { readTreeEnsemble } from '../../../../../../shared/core/interpreter/trees/read-tree-ensemble.ts';
import type { TreeEnsemble } from '../../../../../../shared/core/interpreter/trees/tree-ensemble.ts';
import { createTreeWalker } from '../../../../../../shared/core/interpreter/trees/tree-walker.ts';
import { webAssembly } from '../../../../../../shared/core/interpreter/wasm/web-assembly.ts';
import { drawTreeRegressor } from '../../../../../helpers/drawn-models/draw-trees.ts';
import { createDraws } from '../../../../../helpers/drawn-models/draws.ts';
import { onnxBytes } from '../../../../../helpers/drawn-models/onnx-bytes.ts';

const drawEnsemble = (seed: number): TreeEnsemble => {
  const { model } = drawTreeRegressor(createDraws(seed));
  const { attributes } = readGraph(onnxBytes(model)).nodes[0]!;
  return readTreeEnsemble(attributes, {
    prefix: 'target',
    precision: 'FP32',
    targetCount: attributes.integer('n_targets')!,
  });
};

const drawRows = (seed: number, count: number, width: number): Float32Array => {
  const draws = createDraws(seed);
  return Float32Array.from({ length: count * width }, draws.float);
};

const SEEDS = Array.from({ length: 25 }, (_, seed) => seed);
const ROWS = 70;

describe('walking down trees', () => {
  it('finds the same leaves by WebAssembly, by flat trees and by the trees as they are', () => {
    for (const seed of SEEDS) {
      const ensemble = drawEnsemble(seed);
      const width = ensemble.featureCount;
      const rows = drawRows(seed, ROWS, width);
      const plain = createPlainFinder(ensemble);
      const fast = createTreeWalker(ensemble);
      const flat = createTreeWalker(ensemble, { api: undefined });

      for (let row = 0; row < ROWS; row++) {
        const expected = [...plain.find(rows, row * width)];
        expect([...fast.find(rows, row * width)], `seed ${seed}, row ${row}`).toEqual(expected);
        expect([...flat.find(rows, row * width)], `seed ${seed}, row ${row}`).toEqual(expected);
      }
    }
  });

  it('adds leaves up in the order of the trees and in float32', () => {
    const ensemble = SEEDS.map(drawEnsemble).find(({ targetCount, roots }) => targetCount === 1 && roots.length > 9)!;
    const rows = drawRows(5, ROWS, ensemble.featureCount);
    const scores = new Float32Array(ROWS);

    createTreeWalker(ensemble).score?.({ data: rows, rowCount: ROWS, stride: ensemble.featureCount }, scores);

    const plain = createPlainFinder(ensemble);
    const expected = Array.from({ length: ROWS }, (_, row) =>
      plain
        .find(rows, row * ensemble.featureCount)
        .reduce((sum, leaf) => Math.fround(sum + ensemble.weightValue[ensemble.nodes.firstWeight[leaf]!]!), 0),
    );
    expect([...scores]).toEqual(expected);
  });

  it('walks in plain TypeScript where no memory for WebAssembly is left', () => {
    const exhausted = class {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    };
    const ensemble = drawEnsemble(3);
    const rows = drawRows(3, 1, ensemble.featureCount);

    const walker = createTreeWalker(ensemble, { api: { ...webAssembly!, Memory: exhausted as never } });

    expect(walker.score).toBeUndefined();
    expect([...walker.find(rows, 0)]).toEqual([...createPlainFinder(ensemble).find(rows, 0)]);
  });
});

describe('flat trees', () => {
  it('copy a branch that several nodes share', () => {
    const shared = sharedChain(3);

    expect(flattenTrees(shared)?.source).toHaveLength(7);
    expect([...createTreeWalker(shared).find([2], 0)]).toEqual([...createPlainFinder(shared).find([2], 0)]);
  });

  it('are given up where copies would grow without bounds', () => {
    expect(flattenTrees(ladder(30))).toBeUndefined();
    expect([...createTreeWalker(ladder(30)).find([0.5], 0)]).toEqual([60]);
  });
});

/** x = 0, or x = 1, or x = 2 … leads to one and the same leaf, as converters write sets of categories. */
const sharedChain = (length: number): TreeEnsemble => {
  const leaf = length;
  return ensembleOf({
    modes: [...new Array<string>(length).fill('BRANCH_EQ'), 'LEAF', 'LEAF'],
    values: [...Array.from({ length }, (_, i) => i), 0, 0],
    trueIds: [...new Array<number>(length).fill(leaf), 0, 0],
    falseIds: [...Array.from({ length }, (_, i) => (i + 1 < length ? i + 1 : leaf + 1)), 0, 0],
  });
};

/** Both children of each node are the two nodes of the next rung: twice as many ways with each. */
const ladder = (rungs: number): TreeEnsemble => {
  const count = 2 * rungs;
  const below = (id: number, step: number): number => Math.min(count, 2 * Math.floor(id / 2) + 2 + step);
  return ensembleOf({
    modes: [...new Array<string>(count).fill('BRANCH_LEQ'), 'LEAF'],
    values: new Array<number>(count + 1).fill(0),
    trueIds: Array.from({ length: count + 1 }, (_, id) => (id === count ? 0 : below(id, 0))),
    falseIds: Array.from({ length: count + 1 }, (_, id) => (id === count ? 0 : below(id, 1))),
  });
};

const ensembleOf = (tree: {
  readonly modes: readonly string[];
  readonly values: readonly number[];
  readonly trueIds: readonly number[];
  readonly falseIds: readonly number[];
}): TreeEnsemble => {
  const ids = tree.modes.map((_, id) => id);
  const leaves = ids.filter((id) => tree.modes[id] === 'LEAF');
  const bytes = onnxBytes({
    nodes: [
      {
        operator: 'ai.onnx.ml:TreeEnsembleRegressor',
        inputs: ['x'],
        outputs: ['y'],
        attributes: {
          nodes_treeids: { ints: ids.map(() => 0) },
          nodes_nodeids: { ints: ids },
          nodes_featureids: { ints: ids.map(() => 0) },
          nodes_modes: { texts: tree.modes },
          nodes_values: { floats: tree.values },
          nodes_truenodeids: { ints: tree.trueIds },
          nodes_falsenodeids: { ints: tree.falseIds },
          target_treeids: { ints: leaves.map(() => 0) },
          target_nodeids: { ints: leaves },
          target_ids: { ints: leaves.map(() => 0) },
          target_weights: { floats: leaves.map((id) => id) },
          n_targets: { int: 1 },
        },
      },
    ],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
  });
  const { attributes } = readGraph(bytes).nodes[0] ?? { attributes: createAttributes(new Map()) };
  return readTreeEnsemble(attributes, { prefix: 'target', precision: 'FP32', targetCount: 1 });
};

describe('the float32 below another', () => {
  it.each([
    [1, 0.9999999403953552],
    [-1, -1.0000001192092896],
    [0, -1.401298464324817e-45],
    [-0, -1.401298464324817e-45],
    [1.401298464324817e-45, 0],
    [Number.POSITIVE_INFINITY, 3.4028234663852886e38],
    [Number.NEGATIVE_INFINITY, Number.NaN],
  ])('%s is %s', (value, below) => {
    const bits = new Int32Array(Float32Array.of(value).buffer);

    expect(new Float32Array(Int32Array.of(bitsBelow(bits[0]!)).buffer)[0]).toBe(below);
  });
});
