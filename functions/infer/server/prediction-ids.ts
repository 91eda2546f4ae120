import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { PredictionIdOf } from '../prediction-id.ts';

/**
 * Ids of rows from random ids of requests: UUIDs of version 7, of the request's time and its randomness, and the row in
 * the last 32 bits. No digest is taken, as it is where a request's id is another's text.
 */
export const createPredictionIds = (clock: Clock) => {
  let [request, head, tail] = ['', '', 0];
  const begin = (requestId: string): void => {
    request = requestId;
    const time = clock.nowMs().toString(16).padStart(12, '0');
    head = `${time.slice(0, 8)}-${time.slice(8)}-7${requestId.slice(15, 18)}-${requestId.slice(19, 28)}`;
    tail = Number.parseInt(requestId.slice(28), 16);
  };
  const predictionId: PredictionIdOf = (requestId, row) => {
    // A request's rows come one after another.
    if (requestId !== request) begin(requestId);
    return head + ((tail ^ row) >>> 0).toString(16).padStart(8, '0');
  };
  return { requestId: (): string => randomUUID(), predictionId };
};
