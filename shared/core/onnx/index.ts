export { inspectModel } from './inspect-model.ts';
export type * from './onnx-model.ts';
export { onnxRelease } from './onnx-release.ts';
