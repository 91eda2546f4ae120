import { hashText } from '../profiles/index.ts';
import type { ServedDay } from './performance-report.ts';

/** What is read of a captured line: one of a request that was answered, or of one that failed. */
export interface ServedLine {
  readonly kind: 'prediction' | 'failure';
  readonly predictionId: string;
  readonly atMs: number;
  readonly latencyMs: number;
  /** Absent in older lines: each counts as a request. */
  readonly request?: { readonly id: string } | undefined;
}

/**
 * The requests of one UTC day, each once however often its lines come: a line is told by its request and the instant of the
 * answer, which all lines of one answer share. Of more than 200,000 requests a share is held, by a hash that knows nothing of
 * latency or failure, and halved when it is full (adaptive sampling, Flajolet 1990): memory does not grow with traffic.
 */
export interface ServedRequests {
  readonly take: (line: ServedLine) => void;
  /** Undefined without requests. */
  readonly day: () => ServedDay | undefined;
}

const SLOWEST_SHARE = 0.01;

/** 53 bits that stand for a text: of a million two are the same once in eighteen thousand times. */
const shortened = (text: string): number => (hashText(text, 1) >>> 0) * 2 ** 21 + (hashText(text, 2) >>> 11);

/** The smallest latency that 99 in 100 answers did not exceed. */
const percentile99 = (latencies: readonly number[]): number | undefined => {
  const sorted = Float64Array.from(latencies).sort();
  return sorted[Math.ceil(sorted.length * (1 - SLOWEST_SHARE)) - 1];
};

/** Requests that are held at once. */
const MOST_HELD = 200_000;
const ALL = 2 ** 53;
/** In the place of a latency. */
const FAILED = -1;

/**
 * @param failuresAreCaptured whether a request that failed leaves a line; where it leaves none, nothing is said of failures.
 */
export const servedRequests = (
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  failuresAreCaptured: boolean,
  mostHeld = MOST_HELD,
): ServedRequests => {
  const held = new Map<number, number>();
  let below = ALL;
  const halve = (): void => {
    below /= 2;
    for (const key of held.keys()) if (key >= below) held.delete(key);
  };
  return {
    take: ({ kind, predictionId, atMs, latencyMs, request }) => {
      if (atMs < fromMs || atMs >= toMs) return;
      const key = shortened(`${request?.id ?? predictionId} ${atMs}`);
      if (key >= below || held.has(key)) return;
      held.set(key, kind === 'failure' ? FAILED : latencyMs);
      while (held.size > mostHeld) halve();
    },
    day: () => {
      if (held.size === 0) return undefined;
      const latencies = [...held.values()].filter((latencyMs) => latencyMs !== FAILED);
      const latencyMsP99 = percentile99(latencies);
      const share = below / ALL;
      return {
        requestCount: held.size / share,
        ...(failuresAreCaptured ? { failureCount: (held.size - latencies.length) / share } : {}),
        ...(latencyMsP99 === undefined ? {} : { latencyMsP99 }),
        ...(share === 1 ? {} : { sampledShare: share }),
      };
    },
  };
};
