import { MAX_LOG_BATCH_BYTES, prepareLogBatch } from '../../shared/core/tracking/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { decodeKeyValue, decodeMetric, runIdOf } from './decode-tracking.ts';
import { logBatch } from './log-batch.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';

const handle = async ({ input, ports, request }: MlflowCall): Promise<MlflowAnswer> => {
  const { byteLength } = request.body;
  if (byteLength > MAX_LOG_BATCH_BYTES) {
    throw new InvalidRequestError(
      `Batched logging API requests must be at most ${MAX_LOG_BATCH_BYTES} bytes, got a request of size ${byteLength}.`,
    );
  }
  const batch = prepareLogBatch({
    metrics: input.objects('metrics').map(decodeMetric),
    params: input.objects('params').map(decodeKeyValue),
    tags: input.objects('tags').map(decodeKeyValue),
  });
  await logBatch(ports, runIdOf(input), batch);
  return {};
};

/** Many metrics, params and tags of one run at once: all of them or none. */
export const batchRoutes: readonly MlflowRoute[] = [{ method: 'POST', path: '/2.0/mlflow/runs/log-batch', handle }];
