import { isoTime } from '../../../shared/kernel/time.ts';
import type { Platform } from './platform.ts';
import type { SampledFlight, TrafficSpan } from './traffic.ts';

/** Calls in flight at once. */
const CONCURRENCY = 4;
/** Labels of one request. */
const LABELS_PER_CALL = 500;

export interface TrafficCounts {
  answered: number;
  /** Answered 503: no version in service, or the share of traffic that no version serves yet. */
  refused: number;
  /** Answered 5xx otherwise. */
  failed: number;
  labels: number;
  readonly byVersion: Record<string, number>;
}

export const noTraffic = (): TrafficCounts => ({ answered: 0, refused: 0, failed: 0, labels: 0, byVersion: {} });

const countAnswer = (counts: TrafficCounts, status: number, body: unknown): boolean => {
  if (status === 200) {
    counts.answered += 1;
    const version = `v${(body as { version: number }).version}`;
    counts.byVersion[version] = (counts.byVersion[version] ?? 0) + 1;
    return true;
  }
  if (status === 503) counts.refused += 1;
  else if (status >= 500) counts.failed += 1;
  else throw new Error(`a prediction request was refused with ${status}: ${JSON.stringify(body)}`);
  return false;
};

const eachOf = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
};

/**
 * Sends what happened in a span: a prediction request for each departure, one request with the labels of the landings
 * whose predictions were answered. A prediction's id is its flight's, so a span sent again counts once.
 */
export const sendSpan = async (
  platform: Platform,
  model: string,
  { departures, landings }: TrafficSpan,
  { counts, answered }: { readonly counts: TrafficCounts; readonly answered: Set<string> },
): Promise<void> => {
  await eachOf(departures, async ({ predictionId, features }: SampledFlight) => {
    const { status, body } = await platform.predict(model, { predictionId, features });
    if (countAnswer(counts, status, body)) answered.add(predictionId);
  });
  const labels = landings
    .filter(({ predictionId }) => answered.has(predictionId))
    .map(({ predictionId, label, labelKnownAtMs }) => ({ predictionId, label, knownAt: isoTime(labelKnownAtMs) }));
  for (let start = 0; start < labels.length; start += LABELS_PER_CALL) {
    await platform.sendLabels(model, labels.slice(start, start + LABELS_PER_CALL));
  }
  counts.labels += labels.length;
  for (const { predictionId } of labels) answered.delete(predictionId);
};
