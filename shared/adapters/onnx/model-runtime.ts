import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { LoadedModel, ModelRuntime } from '../../ports/model-runtime.ts';

type Feeds = Record<string, Tensor>;

const tensorOf = (name: string, values: Float32Array | readonly string[], rowCount: number): Tensor => {
  if (values.length !== rowCount) {
    throw new InvalidRequestError(`input ${name} has ${values.length} values, expected ${rowCount}`);
  }
  const shape = [rowCount, 1];
  return values instanceof Float32Array
    ? new Tensor('float32', values, shape)
    : new Tensor('string', [...values], shape);
};

const loadedModel = (session: InferenceSession): LoadedModel => {
  const [outputName] = session.outputNames;
  if (outputName === undefined) throw new InvalidRequestError('the model has no output');
  return {
    predict: async (inputs, rowCount) => {
      const feeds: Feeds = {};
      for (const name of session.inputNames) {
        const values = inputs[name];
        if (values === undefined) throw new InvalidRequestError(`input ${name} is missing`);
        feeds[name] = tensorOf(name, values, rowCount);
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
 * Runs ONNX models on the CPU. One thread by default: a request holds one row, and a function below 1.8 GB of memory
 * has less than one core to share.
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
