/** A captured line, as far as monitoring reads it. */
export type CaptureRecord = CapturedPrediction | CapturedLabel;

export interface CapturedPrediction {
  readonly kind: 'prediction';
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly inputs: Readonly<Record<string, number | string | null>>;
  readonly output: number;
}

export interface CapturedLabel {
  readonly kind: 'label';
  readonly predictionId: string;
  readonly label: number;
  readonly knownAtMs: number;
  readonly receivedAtMs: number;
}
