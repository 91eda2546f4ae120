import type { Tensor, TensorSpec } from '../core/inference/index.ts';

/** What a model's operators are run by. */
export type Engine = 'interpreter' | 'onnxruntime';

/** A loaded model. */
export interface LoadedModel {
  readonly engine: Engine;
  /** What the graph takes and gives, in its order; outputs that are no tensors are left out. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * @param inputs one for each of the model's, in their order, each of the datatype that the graph says.
   * @param outputNames which outputs, in this order. @default all of them
   * @returns at once where the engine runs on this thread.
   * @throws Error for shapes that the graph's operators do not take; its message is the engine's.
   */
  run(inputs: readonly Tensor[], outputNames?: readonly string[]): readonly Tensor[] | Promise<readonly Tensor[]>;
  /**
   * The first output, one number a row.
   * @param inputs by name, one value per row; numbers use NaN for missing, categories the empty string.
   */
  predict(inputs: Readonly<Record<string, Float32Array | readonly string[]>>, rowCount: number): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface ModelRuntime {
  /** @throws InvalidRequestError when the bytes are not a model that the runtime can run. */
  load(modelBytes: Uint8Array): Promise<LoadedModel>;
}
