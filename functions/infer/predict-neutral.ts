import type { ModelSignature } from '../../shared/core/inference/index.ts';
import type { LoadedModel } from '../../shared/ports/model-runtime.ts';

/** A model's answer to one row of zeros and empty texts. */
export const predictNeutral = async (
  model: LoadedModel,
  { inputs }: Pick<ModelSignature, 'inputs'>,
): Promise<number> => {
  const columns = Object.fromEntries(
    inputs.map(({ name, datatype }) => [name, datatype === 'FP32' ? new Float32Array(1) : ['']]),
  );
  const [output = Number.NaN] = await model.predict(columns, 1);
  return output;
};
