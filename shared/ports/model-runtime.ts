/** A loaded model. Inputs by name, one value per row; numbers use NaN for missing, categories the empty string. */
export interface LoadedModel {
  /** @returns the first output, one number per row. */
  predict(inputs: Readonly<Record<string, Float32Array | readonly string[]>>, rowCount: number): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface ModelRuntime {
  /** @throws InvalidRequestError when the bytes are not a model that the runtime can run. */
  load(modelBytes: Uint8Array): Promise<LoadedModel>;
}
