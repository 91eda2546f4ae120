import type { ServableModel, Tensor } from '../../shared/core/inference/index.ts';
import type { ServedModel } from './load-served-model.ts';

/** The model failed on a valid row: the invocation must fail, so that Lambda counts it against this version. */
export class InferenceFailedError extends Error {
  override readonly name = 'InferenceFailedError';
}

/** The loaded version as the protocol asks it. What goes wrong in it is its own fault: its inputs were checked. */
export const servableModel = (
  name: string,
  { version, signature, runtime }: Pick<ServedModel, 'version' | 'signature' | 'runtime'>,
): ServableModel => {
  const failed = (inputs: readonly Tensor[], cause: unknown): InferenceFailedError =>
    new InferenceFailedError(`version ${version} failed on ${inputs[0]?.shape[0]} rows`, { cause });
  const outputs = signature.outputs.map((output) => output.name);
  const features = new Map(signature.inputs.map((input) => [input.name, input]));
  return {
    name,
    version: String(version),
    // In the graph's order, by which the runtime takes them.
    inputs: runtime.inputs.map((input) => features.get(input.name) ?? input),
    outputs: signature.outputs,
    signature,
    run: (inputs, outputNames = outputs) => {
      try {
        const answered = runtime.run(inputs, outputNames);
        if (!(answered instanceof Promise)) return answered;
        return answered.catch((cause: unknown) => {
          throw failed(inputs, cause);
        });
      } catch (cause) {
        throw failed(inputs, cause);
      }
    },
  };
};
