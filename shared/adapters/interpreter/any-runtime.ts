import type { Tensor, TensorSpec } from '../../core/inference/index.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { LoadedModel, ModelRuntime } from '../../ports/model-runtime.ts';

/** What is used of a model that the interpreter took. */
interface Interpreted {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  run(inputs: readonly Tensor[], outputNames?: readonly string[]): readonly Tensor[];
}

type Interpretation = { readonly model: Interpreted } | { readonly refused: string };

/** `interpretModel` of `core/interpreter`, which may have to be loaded first. */
export type Interpret = (modelBytes: Uint8Array) => Interpretation | Promise<Interpretation>;

const predictOf =
  (model: Interpreted): LoadedModel['predict'] =>
  async (columns, rowCount) => {
    const [output] = model.outputs;
    if (output === undefined) throw new InvalidRequestError('the model has no output');
    const tensors = model.inputs.map(({ name }): Tensor => {
      const data = columns[name];
      if (data === undefined) throw new InvalidRequestError(`input ${name} is missing`);
      if (data.length !== rowCount) {
        throw new InvalidRequestError(`input ${name} has ${data.length} values, expected ${rowCount}`);
      }
      return { name, datatype: data instanceof Float32Array ? 'FP32' : 'BYTES', shape: [rowCount, 1], data };
    });
    const [answer] = model.run(tensors, [output.name]);
    if (!(answer?.data instanceof Float32Array) || answer.data.length !== rowCount) {
      throw new InvalidRequestError(
        `output ${output.name} must hold one FP32 number a row, got ${answer?.datatype} of shape [${answer?.shape}]`,
      );
    }
    return answer.data;
  };

const loadedModel = (model: Interpreted): LoadedModel => ({
  engine: 'interpreter',
  inputs: model.inputs,
  outputs: model.outputs,
  run: (inputs, outputNames) => model.run(inputs, outputNames),
  predict: predictOf(model),
  release: async () => {},
});

/**
 * Runs a model by the interpreter if it takes the graph, and else by another runtime, which is not even opened before
 * a first graph needs it: opening onnxruntime costs more than a cold start of the rest.
 */
export const createAnyRuntime = (engines: {
  readonly interpret: Interpret;
  readonly openOther: () => Promise<ModelRuntime>;
}): ModelRuntime => {
  let opening: Promise<ModelRuntime> | undefined;
  return {
    load: async (modelBytes) => {
      const interpreted = await engines.interpret(modelBytes);
      if ('model' in interpreted) return loadedModel(interpreted.model);
      opening ??= engines.openOther();
      return (await opening).load(modelBytes);
    },
  };
};
