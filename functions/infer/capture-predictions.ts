import type { FailureRecord, PredictionRecord } from '../../shared/contracts/capture.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import { errorFields } from '../../shared/kernel/log.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { CaptureStream } from '../../shared/ports/serving-functions.ts';

export type Capture = (records: readonly (PredictionRecord | FailureRecord)[]) => Promise<void>;

class CaptureTimeoutError extends Error {
  override readonly name = 'CaptureTimeoutError';
}

interface Deps {
  readonly stage: string;
  readonly stream: CaptureStream;
  /** Longest an answer waits for its capture. */
  readonly limitMs: number;
  readonly clock: Clock;
}

/**
 * Puts predictions on the capture stream. It fails open: an answer never waits longer than the limit nor fails for
 * it, and what was not acknowledged in time counts as `CaptureFailed`, which an alarm watches. (A put that was only
 * late may still arrive.)
 */
export const createCapture =
  ({ stage, stream, limitMs, clock }: Deps): Capture =>
  async (records) => {
    const [first] = records;
    if (first === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CaptureTimeoutError(`no answer in ${limitMs} ms`)), limitMs);
    });
    try {
      await Promise.race([stream.put(records), limit]);
    } catch (error) {
      const { errorName, errorMessage } = errorFields(error);
      const metrics = { [METRIC_NAMES.captureFailed]: records.length };
      console.log(
        embeddedMetrics({
          stage,
          model: first.model,
          atMs: clock.nowMs(),
          metrics,
          properties: { errorName, errorMessage },
        }),
      );
    } finally {
      clearTimeout(timer);
    }
  };
