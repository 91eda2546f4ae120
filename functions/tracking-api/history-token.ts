import { decodePageToken, encodePageToken, type MetricPoint } from '../../shared/core/tracking/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';

/** Page tokens of a metric's history: the last point that was answered. */

const historyOf = (runId: string, key: string): object => ({ history: [runId, key] });

export const encodeHistoryToken = ({ key, timestampMs, step, value }: MetricPoint, runId: string): string =>
  encodePageToken(historyOf(runId, key), [timestampMs, step, value]);

/** @throws InvalidRequestError for a token that this history did not give out. */
export const decodeHistoryToken = (
  token: string,
  { runId, key }: { readonly runId: string; readonly key: string },
): MetricPoint => {
  const [timestampMs, step, value] = decodePageToken(historyOf(runId, key), token, 3);
  if (typeof timestampMs !== 'number' || typeof step !== 'number' || typeof value !== 'number') {
    throw new InvalidRequestError('Invalid page token: it is not one that a metric history gave out');
  }
  return { key, timestampMs, step, value };
};
