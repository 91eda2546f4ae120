import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { foreignOperator } from '../../shared/core/interpreter/foreign-operator.ts';
import type { Engine, ModelRuntime } from '../../shared/ports/model-runtime.ts';

const loadInterpreter = () => import('../../shared/core/interpreter/index.ts');
const loadOnnxRuntime = () => import('./onnxruntime.ts');

/**
 * What runs a model: the interpreter, and onnxruntime for one that it does not take. The engine that a version's
 * environment names is no more than what is prepared first, while the model is on its way: the model decides.
 */
export const openRuntime = (
  expected: Engine | undefined,
): ModelRuntime & {
  /** Loads what the model is likely to need. It may hold the thread for as long as that takes. */
  prepare(): Promise<void>;
} => ({
  ...createAnyRuntime({
    interpret: async (bytes) => {
      // Whether it is foreign is sooner known than the interpreter is loaded.
      const foreign = expected === 'onnxruntime' ? foreignOperator(bytes) : undefined;
      if (foreign !== undefined) return { refused: `operator ${foreign} is not interpreted` };
      return (await loadInterpreter()).interpretModel(bytes);
    },
    openOther: async () => (await loadOnnxRuntime()).createModelRuntime(),
  }),
  prepare: async () => {
    if (expected === 'onnxruntime') (await loadOnnxRuntime()).prepareModelRuntime();
    else await loadInterpreter();
  },
});
