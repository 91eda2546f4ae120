import { createAnyRuntime } from '../../../shared/adapters/interpreter/any-runtime.ts';
import { interpretModel } from '../../../shared/core/interpreter/index.ts';
import type { ModelRuntime } from '../../../shared/ports/model-runtime.ts';

/** The graph is not one that the interpreter takes: a runner has to. */
export class NotInterpretedError extends Error {
  override readonly name = 'NotInterpretedError';
}

/** Of a thread that answers requests: what would hold it up is not run here. */
export const interpreterOnly = (): ModelRuntime =>
  createAnyRuntime({
    interpret: interpretModel,
    openOther: async () => ({
      load: async () => {
        throw new NotInterpretedError('the interpreter does not take this graph');
      },
    }),
  });

const openOnnxruntime = async (): Promise<ModelRuntime> =>
  (await import('../../../shared/adapters/onnx/model-runtime.ts')).createModelRuntime();

/** Of a runner. One core for a run: as many runners as cores make use of the others. */
export const anyGraph = (): ModelRuntime => createAnyRuntime({ interpret: interpretModel, openOther: openOnnxruntime });
