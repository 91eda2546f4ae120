import type { PredictionRecord } from '../../shared/contracts/capture.ts';
import { type FeatureValue, toBatch } from '../../shared/core/inference/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Capture } from './capture-predictions.ts';
import type { ServedModel } from './load-served-model.ts';

export interface Row {
  readonly predictionId: string;
  readonly features: Readonly<Record<string, FeatureValue>>;
}

/** Scores rows and captures each of them; the answer waits for the capture no longer than the capture's own limit. */
export type Serve = (served: ServedModel, rows: readonly Row[]) => Promise<Float32Array>;

/** The model failed on a valid row: the invocation must fail, so that Lambda counts it against this version. */
export class InferenceFailedError extends Error {
  override readonly name = 'InferenceFailedError';
}

interface Deps {
  readonly model: string;
  /** The published version of this function that answers. */
  readonly lambdaVersion: string;
  readonly capture: Capture;
  readonly clock: Clock;
}

/** The model's output, one finite number a row. @throws InferenceFailedError */
export const score = async (
  { signature, runtime, version }: ServedModel,
  rows: readonly Row[],
): Promise<Float32Array> => {
  const { columns, rowCount } = toBatch(
    signature,
    rows.map(({ features }) => features),
  );
  const outputs = await runtime.predict(columns, rowCount).catch((cause: unknown) => {
    throw new InferenceFailedError(`version ${version} failed on ${rowCount} rows`, { cause });
  });
  if (!outputs.every(Number.isFinite))
    throw new InferenceFailedError(`version ${version} gave an output that is not finite`);
  return outputs;
};

export const createServe =
  ({ model, lambdaVersion, capture, clock }: Deps): Serve =>
  async (served, rows) => {
    const startedAt = performance.now();
    const outputs = await score(served, rows);
    const latencyMs = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
    const records = rows.map(
      ({ predictionId, features }, i): PredictionRecord => ({
        kind: 'prediction',
        predictionId,
        atMs: clock.nowMs(),
        model,
        version: served.version,
        modelDigest: served.modelDigest,
        lambdaVersion,
        inputs: { ...features },
        output: outputs[i] ?? Number.NaN,
        latencyMs,
      }),
    );
    await capture(records);
    return outputs;
  };
