import { trainGradientBoostedTrees, writeOnnx } from '../../shared/core/training/index.ts';

/** ONNX models for the bench's data that no pipeline trained. */

const ROWS = 3_000;
const KINDS = ['a', 'b', 'c'];

/**
 * Learnt from rows like the bench's, without their noise.
 * @param how `turned`: from labels turned round, so that it is worse than guessing. `withoutKind`: it does not take that
 * input. `rounds` tells models apart.
 */
export const trainElsewhere = (
  how: { readonly turned?: boolean; readonly withoutKind?: boolean; readonly rounds?: number } = {},
): Uint8Array => {
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    x: ((i * 7_919) % 1_000) / 1_000,
    kind: KINDS[i % 3] ?? 'a',
  }));
  const late = rows.map(({ x, kind }) => x + (kind === 'a' ? 0.3 : 0) > 0.6);
  const kind = { name: 'kind', type: 'category', nullable: false } as const;
  const model = trainGradientBoostedTrees({
    task: 'binary-classification',
    features: [{ name: 'x', type: 'number', nullable: false }, ...(how.withoutKind ? [] : [kind])],
    columns: new Map<string, Float64Array | string[]>([
      ['x', Float64Array.from(rows, ({ x }) => x)],
      ['kind', rows.map((row) => row.kind)],
    ]),
    label: Float64Array.from(late, (value) => Number(value !== (how.turned ?? false))),
    settings: {
      rounds: how.rounds ?? 15,
      maxLeaves: 7,
      learningRate: 0.1,
      minRowsPerLeaf: 20,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 1,
    },
  });
  return writeOnnx(model);
};

/** The file that MLflow 3.6's `mlflow.onnx.log_model` lays beside a model of these inputs, as PyYAML writes it. */
export const mlmodelOf = (inputs: readonly ('x' | 'kind')[] = ['x', 'kind']): string => {
  const dtype = { x: 'float32', kind: 'object' } as const;
  const specs = inputs.map(
    (name) =>
      `{"name": "${name}", "type": "tensor", "tensor-spec": {"dtype": "${dtype[name]}", "shape":\n    [-1, 1]}}`,
  );
  return `flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_session_options: null
    onnx_version: 1.23.1
    providers:
    - CUDAExecutionProvider
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.onnx
    python_version: 3.11.7
mlflow_version: 3.6.1
model_id: null
model_uuid: b4ac80af8c3e4e4889b20b6585c63914
signature:
  inputs: '[${specs.join(', ')}]'
  outputs: '[{"name": "probability", "type": "tensor", "tensor-spec": {"dtype": "float32",
    "shape": [-1, 1]}}]'
  params: null
utc_time_created: '2026-11-21 22:20:36.404312'
`;
};
