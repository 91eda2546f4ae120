import type { Message, Plugin } from 'esbuild';
import { BUNDLE_OPTIONS } from './bundle-options.ts';
import { buildSplit, type SeldomCalled, type SplitFile } from './split-bundle.ts';

/** The function whose cold starts people wait for. */
export const INFERENCE_FUNCTION = 'infer';

/** What the first prediction by a model of our own trainer's does not need, and no `import()` divides. */
const SELDOM: SeldomCalled = {
  seldom: {
    'shared/core/interpreter/operators/other-operators.ts': ['otherOperator'],
    'shared/core/interpreter/trees/mask-scorer.ts': ['createMaskScorer'],
    'shared/core/interpreter/trace-plan.ts': ['tracePlan'],
    'shared/core/interpreter/read-tree-model.ts': ['readTreeModel'],
    'shared/core/inference/openapi.ts': ['openApiAnswer'],
    'shared/core/inference/mlflow-answer.ts': ['mlflowAnswer'],
    'shared/core/inference/mlflow-body.ts': ['readScoringBody'],
    'shared/core/inference/mlflow-tensors.ts': ['scoringTensors'],
  },
  trees: {
    'shared/core/interpreter/trees/classify-binary.ts': ['classifyBinary'],
    'shared/core/interpreter/trees/flat-trees.ts': ['flattenTrees'],
    'shared/core/interpreter/trees/read-tree-ensemble.ts': ['readTreeEnsemble'],
  },
  protocol: {
    'shared/core/inference/infer-request.ts': ['readInferRequest'],
    'shared/core/inference/server-operations.ts': ['createServerOperations', 'invokedModel'],
  },
};

/** What is loaded once the model has been asked for, while it is on its way. */
const JOINED = {
  always: { answer: 'functions/infer/open-handler.ts' },
  sometimes: {
    interpreter: 'shared/core/interpreter/index.ts',
    onnxruntime: 'functions/infer/onnxruntime.ts',
  },
};

/**
 * V8 reads a function without its body's tree until it is called, but not an arrow function inside another function, as
 * all are in a CommonJS module: it takes up to three times as long to read.
 */
const SUPPORTED = { ...BUNDLE_OPTIONS.supported, arrow: false };

/** @param entry the function's index.ts. @param plugins that go before those of the division. */
export const buildInference = (
  entry: string,
  plugins: readonly Plugin[] = [],
): Promise<{ readonly files: readonly SplitFile[]; readonly warnings: readonly Message[] }> =>
  buildSplit({
    entry,
    joined: JOINED,
    seldom: SELDOM,
    bundle: { ...BUNDLE_OPTIONS, supported: SUPPORTED, plugins: [...plugins] },
  });
