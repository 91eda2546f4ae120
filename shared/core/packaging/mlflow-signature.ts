/** A model's tensors as MLflow's `MLmodel` file has them: https://mlflow.org/docs/latest/ml/model/signatures. */

export interface NamedTensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'BYTES';
  readonly shape: readonly number[];
}

/** NumPy's types. Text is `object`: that is what ONNX Runtime takes in Python. */
const DTYPES = { FP32: 'float32', BYTES: 'object' } as const;

/** Tensors, not columns: a graph that takes [-1, 1] refuses the plain vector that a column would be. */
export const mlflowSchema = (tensors: readonly NamedTensor[]): string =>
  JSON.stringify(
    tensors.map(({ name, datatype, shape }) => ({
      name,
      type: 'tensor',
      'tensor-spec': { dtype: DTYPES[datatype], shape },
    })),
  );
