import { createCaptureStream } from '../../../shared/adapters/firehose/capture-stream.ts';
import { createFirehoseClient, createPutRecords } from '../../../shared/adapters/firehose/put-records.ts';
import { readEnv } from '../../../shared/contracts/env.ts';
import type { Prediction } from '../../../shared/core/inference/index.ts';
import { createCapture } from '../capture-predictions.ts';
import { createDescribePredictions, type DescribePredictions } from '../describe-predictions.ts';
import type { Placement } from './messages.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type PredictionCapture = (prediction: Prediction, placement: Placement) => Promise<void> | undefined;

/** What the capture's records say of the code that answered, where a function says its published version. */
const UNNAMED = 'server';

/**
 * Row by row onto the stream of the model that a server is pinned to. A server of many models captures no values: what
 * it answered is counted in its metrics.
 */
export const openPredictionCapture = (env: Environment): PredictionCapture | undefined => {
  if (!env.CAPTURE_STREAM) return undefined;
  const { STAGE, CAPTURE_STREAM, CAPTURE_LIMIT_MS } = readEnv(['STAGE', 'CAPTURE_STREAM', 'CAPTURE_LIMIT_MS'], env);
  const clock = { nowMs: () => Date.now() };
  const stream = createCaptureStream(createPutRecords(createFirehoseClient()), CAPTURE_STREAM);
  const capture = createCapture({ stage: STAGE, stream, limitMs: Number(CAPTURE_LIMIT_MS), clock });
  const lambdaVersion = env.SERVER_VERSION || UNNAMED;
  const describers = new WeakMap<Placement, DescribePredictions>();

  const describerOf = (placement: Placement): DescribePredictions | undefined => {
    const standing = describers.get(placement);
    if (standing !== undefined) return standing;
    const { model, version, digest, signature, engine } = placement;
    if (signature === undefined) return undefined;
    const served = { version: Number(version), modelDigest: digest, signature, runtime: { engine } };
    const describe = createDescribePredictions({ model, served, lambdaVersion });
    describers.set(placement, describe);
    return describe;
  };

  return (prediction, placement) => {
    const describe = describerOf(placement);
    return describe && capture(describe(prediction, clock.nowMs()));
  };
};
