import { describe, expect, it } from 'vitest';
import { readGraph } from '../../../../../../shared/core/interpreter/graph/read-graph.ts';
import { flattenTrees } from '../../../../../../shared/core/interpreter/trees/flat-trees.ts';
import { readPlainTrees } from '../../../../../../shared/core/interpreter/trees/read-plain-trees.ts';
import { readTreeEnsemble } from '../../../../../../shared/core/interpreter/trees/read-tree-ensemble.ts';
import { drawTreeRegressor } from '../../../../../helpers/drawn-models/draw-trees.ts';
import { createDraws } from '../../../../../helpers/drawn-models/draws.ts';
import { type AttributeValue, onnxBytes } from '../../../../../helpers/drawn-models/onnx-bytes.ts';

const attributesOf = (attributes: Readonly<Record<string, AttributeValue>>, packed: boolean) =>
  readGraph(
    onnxBytes(
      {
        nodes: [{ operator: 'ai.onnx.ml:TreeEnsembleRegressor', inputs: ['x'], outputs: ['y'], attributes }],
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      },
      { packed },
    ),
  ).nodes[0]!.attributes;

/** Two trees; the first is deep enough that levels differ, and has conditions of all ordered kinds. */
const PLAIN = {
  nodes_treeids: { ints: [3, 3, 3, 3, 3, 200, 200, 200] },
  nodes_nodeids: { ints: [0, 1, 2, 3, 4, 0, 1, 2] },
  nodes_featureids: { ints: [2, 0, 0, 0, 0, 2, 0, 0] },
  nodes_modes: { texts: ['BRANCH_LT', 'BRANCH_GTE', 'LEAF', 'LEAF', 'LEAF', 'BRANCH_GT', 'LEAF', 'LEAF'] },
  nodes_values: { floats: [0.5, -0, 0, 0, 0, Number.POSITIVE_INFINITY, 0, 0] },
  nodes_truenodeids: { ints: [1, 3, 0, 0, 0, 2, 0, 0] },
  nodes_falsenodeids: { ints: [2, 4, 0, 0, 0, 1, 0, 0] },
  nodes_missing_value_tracks_true: { ints: [1, 0, 0, 0, 0, 1, 0, 0] },
  target_treeids: { ints: [3, 3, 3, 200, 200] },
  target_nodeids: { ints: [2, 3, 4, 1, 2] },
  target_ids: { ints: [0, 0, 0, 0, 0] },
  target_weights: { floats: [1, -2, 3.25, 4, 5] },
} as const satisfies Readonly<Record<string, AttributeValue>>;

const expected = (attributes: ReturnType<typeof attributesOf>) => {
  const ensemble = readTreeEnsemble(attributes, { prefix: 'target', precision: 'FP32', targetCount: 1 });
  const flat = flattenTrees(ensemble)!;
  const { firstWeight, weightCount } = ensemble.nodes;
  const values = Float32Array.from(flat.source, (at) =>
    weightCount[at] === 1 ? ensemble.weightValue[firstWeight[at]!]! : 0,
  );
  return { flat, values: new Int32Array(values.buffer), featureCount: ensemble.featureCount };
};

describe('plain trees', () => {
  it.each([true, false])('are read as the ensemble itself is (packed %s)', (packed) => {
    const attributes = attributesOf(PLAIN, packed);

    expect(readPlainTrees(attributes)).toEqual(expected(attributes));
  });

  it('may leave a leaf out and share another', () => {
    const attributes = attributesOf(changed('nodes_falsenodeids', 0, 3), true);

    expect(readPlainTrees(attributes)).toEqual(expected(attributes));
  });

  it('are found among drawn ones, and read alike', () => {
    let found = 0;
    for (let seed = 0; seed < 120; seed++) {
      const { attributes } = readGraph(onnxBytes(drawTreeRegressor(createDraws(seed)).model)).nodes[0]!;
      if (attributes.integer('n_targets') !== 1) continue;
      const plain = readPlainTrees(attributes);
      if (plain === undefined) continue;
      found += 1;
      expect(plain, `seed ${seed}`).toEqual(expected(attributes));
    }
    expect(found).toBeGreaterThan(20);
  });

  it('are read in TypeScript where there is no WebAssembly', () => {
    expect(readPlainTrees(attributesOf(PLAIN, true), { api: undefined })).toBeUndefined();
  });
});

/** One entry of one list, changed. */
const changed = (name: keyof typeof PLAIN, at: number, to: number | string): Record<string, AttributeValue> => {
  const [[kind, list]] = Object.entries(PLAIN[name]) as unknown as readonly [[string, readonly unknown[]]];
  return { ...PLAIN, [name]: { [kind]: list.with(at, to) } as unknown as AttributeValue };
};

describe('left to TypeScript', () => {
  it.each([
    ['a condition that no order decides', changed('nodes_modes', 0, 'BRANCH_EQ')],
    ['a word that is no mode', changed('nodes_modes', 2, 'LEAV')],
    ['a mode of three letters', changed('nodes_modes', 2, 'LEA')],
    ['a mode with a letter more', changed('nodes_modes', 0, 'BRANCH_LTX')],
    ['a mode with another letter', changed('nodes_modes', 0, 'BRANXH_LT')],
    ['a threshold that is no number', changed('nodes_values', 0, Number.NaN)],
    ['a child above its node', changed('nodes_truenodeids', 1, 0)],
    ['a child that is its node', changed('nodes_falsenodeids', 1, 1)],
    ['a child beyond its tree', changed('nodes_falsenodeids', 0, 5)],
    ['a negative child', changed('nodes_falsenodeids', 0, -1)],
    ['branches that two nodes share', changed('nodes_falsenodeids', 0, 1)],
    ['nodes that are not numbered upwards', changed('nodes_nodeids', 3, 5)],
    ['trees that are not numbered upwards', changed('nodes_treeids', 7, 1)],
    ['a negative feature', changed('nodes_featureids', 0, -3)],
    ['a feature beyond all columns', changed('nodes_featureids', 0, 16_384)],
    ['a feature beyond 28 bits', changed('nodes_featureids', 0, 2 ** 33)],
    ['a weight of another node', changed('target_nodeids', 1, 2)],
    ['a weight of another tree', changed('target_treeids', 3, 3)],
    ['a weight for another target', changed('target_ids', 1, 1)],
    ['a list that is shorter', { ...PLAIN, nodes_values: { floats: PLAIN.nodes_values.floats.slice(1) } }],
    ['a weight too many', { ...PLAIN, target_weights: { floats: [...PLAIN.target_weights.floats, 1] } }],
    ['no nodes', Object.fromEntries(Object.keys(PLAIN).map((name) => [name, { ints: [] }]))],
  ])('are trees with %s', (_, attributes) => {
    for (const packed of [true, false]) {
      expect(readPlainTrees(attributesOf(attributes, packed)), `packed ${packed}`).toBeUndefined();
    }
  });

  it('is what was cut short: a list that lacks a byte is never read as another', () => {
    const attributes = attributesOf(PLAIN, true);
    const name = 'nodes_truenodeids';
    const whole = attributes.bytes(name)!;
    const readFirst = (length: number) =>
      readPlainTrees({
        ...attributes,
        bytes: (of) => (of === name ? whole.subarray(0, length) : attributes.bytes(of)),
      });
    const read = Array.from(whole, (_, length) => readFirst(length)).filter((plain) => plain !== undefined);

    // The field behind the list, which says its type, may be missing.
    expect(read.length).toBeLessThan(2);
    expect(read.every((plain) => JSON.stringify(plain) === JSON.stringify(expected(attributes)))).toBe(true);
  });
});
