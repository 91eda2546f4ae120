import { describe, expect, it } from 'vitest';
import { readGraph } from '../../../../../../shared/core/interpreter/graph/read-graph.ts';
import { createPlainFinder } from '../../../../../../shared/core/interpreter/trees/find-leaves.ts';
import { flattenTrees } from '../../../../../../shared/core/interpreter/trees/flat-trees.ts';
import { createMaskScorer } from '../../../../../../shared/core/interpreter/trees/mask-scorer.ts';
import { readTreeEnsemble } from '../../../../../../shared/core/interpreter/trees/read-tree-ensemble.ts';
import type { TreeEnsemble } from '../../../../../../shared/core/interpreter/trees/tree-ensemble.ts';
import { createTreeWalker } from '../../../../../../shared/core/interpreter/trees/tree-walker.ts';
import { type WebAssemblyApi, webAssembly } from '../../../../../../shared/core/interpreter/wasm/web-assembly.ts';
import { createDraws } from '../../../../../helpers/drawn-models/draws.ts';
import { onnxBytes } from '../../../../../helpers/drawn-models/onnx-bytes.ts';

const api = webAssembly!;
const FEATURES = 5;
const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] as const;

interface DrawnNode {
  readonly tree: number;
  readonly id: number;
  mode: string;
  value: number;
  feature: number;
  missing: number;
  below: readonly [number, number];
}

/** Trees of so many leaves each, grown at random places. */
const drawEnsemble = (seed: number, leafCounts: readonly number[]): TreeEnsemble => {
  const draws = createDraws(seed);
  const nodes = leafCounts.flatMap((leafCount, tree) => {
    const leaf = (id: number): DrawnNode => ({
      tree,
      id,
      mode: 'LEAF',
      value: 0,
      feature: 0,
      missing: 0,
      below: [0, 0],
    });
    const grown = [leaf(0)];
    while (grown.length < 2 * leafCount - 1) {
      const node = draws.pick(grown.filter(({ mode }) => mode === 'LEAF'));
      node.mode = draws.pick(MODES);
      node.value = draws.whole(-3, 3) / 2;
      node.feature = draws.whole(0, FEATURES - 1);
      node.missing = draws.whole(0, 1);
      node.below = [grown.length, grown.length + 1];
      grown.push(leaf(grown.length), leaf(grown.length + 1));
    }
    return grown;
  });
  const leaves = nodes.filter(({ mode }) => mode === 'LEAF');
  const bytes = onnxBytes({
    nodes: [
      {
        operator: 'ai.onnx.ml:TreeEnsembleRegressor',
        inputs: ['x'],
        outputs: ['y'],
        attributes: {
          nodes_treeids: { ints: nodes.map(({ tree }) => tree) },
          nodes_nodeids: { ints: nodes.map(({ id }) => id) },
          nodes_featureids: { ints: nodes.map(({ feature }) => feature) },
          nodes_modes: { texts: nodes.map(({ mode }) => mode) },
          nodes_values: { floats: nodes.map(({ value }) => value) },
          nodes_truenodeids: { ints: nodes.map(({ below }) => below[0]) },
          nodes_falsenodeids: { ints: nodes.map(({ below }) => below[1]) },
          nodes_missing_value_tracks_true: { ints: nodes.map(({ missing }) => missing) },
          target_treeids: { ints: leaves.map(({ tree }) => tree) },
          target_nodeids: { ints: leaves.map(({ id }) => id) },
          target_ids: { ints: leaves.map(() => 0) },
          target_weights: { floats: leaves.map(() => draws.plain()) },
          n_targets: { int: 1 },
        },
      },
    ],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, FEATURES] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
  });
  const { attributes } = readGraph(bytes).nodes[0]!;
  return readTreeEnsemble(attributes, { prefix: 'target', precision: 'FP32', targetCount: 1 });
};

/** Values that thresholds meet exactly, and those that no order holds for. */
const drawRows = (seed: number, rowCount: number): Float32Array => {
  const draws = createDraws(seed);
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
  return Float32Array.from({ length: rowCount * FEATURES }, () =>
    draws.chance(0.2) ? draws.pick(odd) : draws.whole(-4, 4) / 2,
  );
};

/** Leaf by leaf as the model gives them, rounded after each tree. */
const expectedScores = (ensemble: TreeEnsemble, data: Float32Array, rowCount: number): Float32Array => {
  const finder = createPlainFinder(ensemble);
  return Float32Array.from({ length: rowCount }, (_, row) =>
    finder
      .find(data, row * FEATURES)
      .reduce((sum, leaf) => Math.fround(sum + ensemble.weightValue[ensemble.nodes.firstWeight[leaf]!]!), 0),
  );
};

const valuesOf = (ensemble: TreeEnsemble, source: Int32Array): Int32Array =>
  new Int32Array(
    Float32Array.from(source, (place) => ensemble.weightValue[ensemble.nodes.firstWeight[place]!] ?? 0).buffer,
  );

const scorerOf = (ensemble: TreeEnsemble, machine: WebAssemblyApi = api) => {
  const flat = flattenTrees(ensemble)!;
  return createMaskScorer(machine, flat, valuesOf(ensemble, flat.source));
};

describe('trees of up to 32 leaves over many rows at once', () => {
  it.each([1, 15, 16, 17, 63, 64, 65, 130])('score %i rows as the trees themselves do, to the last bit', (rowCount) => {
    for (let seed = 0; seed < 6; seed++) {
      const ensemble = drawEnsemble(seed, [31, 1, 32, 2, 7, 32]);
      const data = drawRows(seed, rowCount);
      const scores = new Float32Array(rowCount);

      scorerOf(ensemble)!({ data, rowCount, stride: FEATURES }, scores);

      expect(scores, `seed ${seed}`).toEqual(expectedScores(ensemble, data, rowCount));
    }
  });

  it('are left to the walks where one has a leaf more', () => {
    expect(scorerOf(drawEnsemble(1, [32, 33]))).toBeUndefined();
  });

  it.each([
    ['the machine has no vectors', { ...api, validate: () => false }],
    [
      'no memory is left for them',
      {
        ...api,
        validate: () => {
          throw new RangeError('WebAssembly.Memory(): could not allocate memory');
        },
      },
    ],
  ])('are walked where %s', (_, machine) => {
    const ensemble = drawEnsemble(2, [31, 31]);
    const data = drawRows(2, 70);
    const scores = new Float32Array(70);
    const whole = { ...machine, Module: api.Module, Instance: api.Instance, Memory: api.Memory };

    createTreeWalker(ensemble, { api: whole }).score!({ data, rowCount: 70, stride: FEATURES }, scores);

    expect(scores).toEqual(expectedScores(ensemble, data, 70));
  });
});
