import type { LocalClock } from '../contracts.ts';
import type { MethodSetting, StageRecord } from './records.ts';

/** Token buckets, one per stage and throttled method. */
export interface Throttle {
  /** @returns whether the request may pass. */
  admit(stage: StageRecord, setting: MethodSetting | undefined): boolean;
}

interface Bucket {
  tokens: number;
  virtualMs: number;
  realMs: number;
}

export const createThrottle = (clock: LocalClock): Throttle => {
  const buckets = new Map<string, Bucket>();
  return {
    admit: (stage, setting) => {
      const { rateLimit, burstLimit } = setting ?? {};
      if (setting === undefined || rateLimit === undefined || burstLimit === undefined) return true;
      const key = `${stage.apiId}/${stage.name}/${setting.httpMethod}${setting.resourcePath}`;
      const virtualMs = clock.nowMs();
      const realMs = performance.now();
      const bucket = buckets.get(key) ?? { tokens: burstLimit, virtualMs, realMs };
      // Virtual time stands still while requests run; a client that sends at a fair real rate must not be refused.
      const elapsedMs = Math.max(virtualMs - bucket.virtualMs, realMs - bucket.realMs, 0);
      const tokens = Math.min(burstLimit, bucket.tokens + (elapsedMs / 1_000) * rateLimit);
      const admitted = tokens >= 1;
      buckets.set(key, { tokens: admitted ? tokens - 1 : tokens, virtualMs, realMs });
      return admitted;
    },
  };
};
