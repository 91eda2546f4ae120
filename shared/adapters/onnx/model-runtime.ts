import { InferenceSession, type Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Tensor, TensorSpec } from '../../core/inference/index.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { LoadedModel, ModelRuntime } from '../../ports/model-runtime.ts';
import { fromOnnxTensor, specOf, toOnnxTensor } from './tensors.ts';

type Feeds = Record<string, OnnxTensor>;

const columnOf = (name: string, values: Float32Array | readonly string[], rowCount: number): OnnxTensor => {
  if (values.length !== rowCount) {
    throw new InvalidRequestError(`input ${name} has ${values.length} values, expected ${rowCount}`);
  }
  return toOnnxTensor({
    name,
    datatype: values instanceof Float32Array ? 'FP32' : 'BYTES',
    shape: [rowCount, 1],
    data: values,
  });
};

const specsOf = (values: readonly InferenceSession.ValueMetadata[]): readonly TensorSpec[] =>
  values.filter((value) => value.isTensor).map(specOf);

const runOf = (session: InferenceSession, outputs: readonly TensorSpec[]): LoadedModel['run'] => {
  const all = outputs.map(({ name }) => name);
  return async (inputs, outputNames = all) => {
    const feeds: Feeds = {};
    for (const input of inputs) feeds[input.name] = toOnnxTensor(input);
    const answered = await session.run(feeds, outputNames);
    return outputNames.map((name): Tensor => fromOnnxTensor(name, answered[name] as OnnxTensor));
  };
};

const loadedModel = (session: InferenceSession): LoadedModel => {
  const inputs = specsOf(session.inputMetadata);
  const outputs = specsOf(session.outputMetadata);
  const [outputName] = session.outputNames;
  if (outputName === undefined) throw new InvalidRequestError('the model has no output');
  if (inputs.length < session.inputNames.length) {
    const other = session.inputMetadata.find(({ isTensor }) => !isTensor);
    throw new InvalidRequestError(`input ${other?.name} is not a tensor`);
  }
  return {
    engine: 'onnxruntime',
    inputs,
    outputs,
    run: runOf(session, outputs),
    predict: async (columns, rowCount) => {
      const feeds: Feeds = {};
      for (const name of session.inputNames) {
        const values = columns[name];
        if (values === undefined) throw new InvalidRequestError(`input ${name} is missing`);
        feeds[name] = columnOf(name, values, rowCount);
      }
      const output = (await session.run(feeds, [outputName]))[outputName];
      if (!(output?.data instanceof Float32Array) || output.data.length !== rowCount) {
        throw new InvalidRequestError(
          `output ${outputName} must hold one FP32 number a row, got ${output?.type} of shape [${output?.dims}]`,
        );
      }
      return output.data;
    },
    release: () => session.release(),
  };
};

/**
 * Runs ONNX models on the CPU. One thread by default: trees and small networks answer no sooner by two, for one row nor
 * for 64 (measured: equal medians, twice the processor's time), and the sums of one thread have one order, so that a
 * model asked again gives the same bits.
 */
export const createModelRuntime = ({
  intraOpThreads = 1,
}: {
  readonly intraOpThreads?: number;
} = {}): ModelRuntime => ({
  load: async (modelBytes) => {
    try {
      const session = await InferenceSession.create(modelBytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: intraOpThreads,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      });
      return loadedModel(session);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InvalidRequestError(`the bytes are not a model that can be run: ${reason}`, { cause: error });
    }
  },
});
