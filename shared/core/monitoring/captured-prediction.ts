/** A captured prediction, as far as monitoring reads it. */
export interface CapturedPrediction {
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly inputs: Readonly<Record<string, number | string | null>>;
  readonly output: number;
}
