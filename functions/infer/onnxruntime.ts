/** In a file of its own, which is loaded for a model that the interpreter does not take. */
export { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
export { prepareModelRuntime } from '../../shared/adapters/onnx/prepare-runtime.ts';
