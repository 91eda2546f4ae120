import { readFileSync } from 'node:fs';
import type { Columns, ExplainedModel } from '../../../shared/core/explanation/index.ts';
import type { Tensor } from '../../../shared/core/inference/index.ts';
import { interpretModel } from '../../../shared/core/interpreter/index.ts';
import { type GradientBoostedTrees, writeOnnx } from '../../../shared/core/training/index.ts';

interface Node {
  readonly feature: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly right: number;
  readonly value: number;
  readonly cover: number;
}

type Table = readonly (readonly (number | null)[])[];

interface Shap {
  readonly expected: number;
  readonly values: readonly (readonly number[])[];
}

export interface ShapCase {
  readonly name: string;
  readonly base: number;
  readonly trees: readonly (readonly Node[])[];
  readonly background: Table;
  readonly rows: Table;
  readonly pathDependent: Shap;
  readonly interventional: Shap;
}

/** What the `shap` package says of trees that both read: see shap_reference.py. */
export const SHAP_CASES = (
  JSON.parse(readFileSync(new URL('shap.json', import.meta.url), 'utf8')) as { readonly cases: readonly ShapCase[] }
).cases;

export const FEATURE_NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** The case's trees as our trainer would write them. */
export const onnxOf = ({ trees, base }: ShapCase, task: GradientBoostedTrees['task']): Uint8Array =>
  writeOnnx({
    task,
    features: FEATURE_NAMES.map((name) => ({ name, type: 'number', nullable: true })),
    encoders: [],
    baseScore: base,
    bestRound: trees.length,
    trainingLosses: [],
    validationLosses: [],
    trees: trees.map((nodes) => ({
      featureIndex: Int16Array.from(nodes, ({ feature }) => feature),
      threshold: Float32Array.from(nodes, ({ threshold }) => threshold),
      missingGoesLeft: Uint8Array.from(nodes, ({ missingLeft }) => (missingLeft ? 1 : 0)),
      left: Int16Array.from(nodes, ({ left }) => Math.max(0, left)),
      right: Int16Array.from(nodes, ({ right }) => Math.max(0, right)),
      leafValue: Float32Array.from(nodes, ({ value }) => value),
      rowCount: Int32Array.from(nodes, ({ cover }) => cover),
    })),
  });

export const columnsOf = (table: Table): { readonly rowCount: number; readonly columns: Columns } => ({
  rowCount: table.length,
  columns: Object.fromEntries(
    FEATURE_NAMES.map((name, at) => [name, Float32Array.from(table, (row) => row[at] ?? Number.NaN)]),
  ),
});

/** The margin of a row by the trees themselves, in double. */
export const marginByHand = ({ trees, base }: ShapCase, row: readonly (number | null)[]): number =>
  trees.reduce((sum, nodes) => {
    let node = nodes[0] as Node;
    while (node.feature >= 0) {
      const value = row[node.feature] ?? null;
      const left = value === null ? node.missingLeft : value <= node.threshold;
      node = nodes[left ? node.left : node.right] as Node;
    }
    return sum + node.value;
  }, base);

/** A graph that answers by the interpreter. */
export const explainedModel = (
  bytes: Uint8Array,
  task: ExplainedModel['task'],
  basis: ExplainedModel['basis'],
): ExplainedModel => {
  const interpreted = interpretModel(bytes);
  if ('refused' in interpreted) throw new Error(interpreted.refused);
  const { model } = interpreted;
  return {
    bytes,
    task,
    inputs: model.inputs.map(({ name, datatype }) => ({ name, datatype: datatype as 'FP32' | 'BYTES' })),
    predict: (inputs: readonly Tensor[]) => model.run(inputs)[0]?.data as Float32Array,
    basis,
  };
};
