import { createCaptureStream } from '../../shared/adapters/firehose/capture-stream.ts';
import { createPutRecords } from '../../shared/adapters/sigv4/put-records.ts';
import { createCapture } from './capture-predictions.ts';
import { explainLater } from './explain-later.ts';
import { createHandler } from './handler.ts';
import type { createServedModel, Pins } from './load-served-model.ts';
import type { Answer, Wiring } from './open-answer.ts';
import { openOnline } from './open-online.ts';
import { openServedModel } from './open-served-model.ts';
import { createPredictionId } from './prediction-id.ts';
import { routeLater } from './route-later.ts';

interface Opened {
  readonly pins: Pins | undefined;
  /** Undefined where a roster of versions answers. */
  readonly servedModel: ReturnType<typeof createServedModel> | undefined;
}

/** What answers requests. */
export const openHandler = (
  { settings, places, client, clock, env }: Wiring,
  { pins, servedModel }: Opened,
): Answer => {
  const { STAGE: stage, MODEL_NAME: model, AWS_LAMBDA_FUNCTION_VERSION: lambdaVersion } = settings;
  const stream = createCaptureStream(createPutRecords(client), settings.CAPTURE_STREAM);
  const capture = createCapture({ stage, stream, limitMs: Number(settings.CAPTURE_LIMIT_MS), clock });
  const base = { model, predictionId: createPredictionId(clock), lambdaVersion, capture, clock };
  const askedOf = (of: Pins | undefined) => ({
    ...openOnline(client, places.ONLINE_TABLE),
    ...explainLater(client, places.ARTIFACT_BUCKET, of),
  });
  const { ROSTER_DIGEST: rosterDigest, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMb } = env;
  if (pins === undefined || !rosterDigest || servedModel !== undefined) {
    return createHandler({ ...base, servedModel: servedModel ?? (() => undefined), ...askedOf(pins) });
  }
  const open = (of: Pins) => openServedModel(model, of, client, places);
  return routeLater({ base, askedOf, open, client, places, pins, rosterDigest, memoryMb: Number(memoryMb) });
};
