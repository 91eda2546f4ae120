/** A model's tensors by the ONNX graph's names; the wire schema of the same shape is `contracts/artifacts`. */
export interface ModelSignature {
  readonly task: 'binary-classification' | 'regression';
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: 'FP32' | 'BYTES';
    readonly shape: readonly number[];
    readonly nullable: boolean;
  }[];
  readonly outputs: readonly { readonly name: string; readonly datatype: 'FP32'; readonly shape: readonly number[] }[];
}

export type ModelInput = ModelSignature['inputs'][number];

/** A feature's value as a caller sends it: null is a missing value. */
export type FeatureValue = number | string | null;

/** Decoded rows, ready for the runtime: per input one value a row (missing: NaN, or the empty string). */
export interface InferenceBatch {
  readonly rowCount: number;
  readonly columns: Readonly<Record<string, Float32Array | readonly string[]>>;
}
