import type { LocalClock } from '../contracts.ts';
import type { RateLimits } from './records.ts';

/** Token buckets, one per name. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html */
export interface Throttle {
  /** Takes a token. @returns whether there was one */
  admit(name: string, limits: RateLimits): boolean;
}

export interface ThrottleOptions {
  readonly clock: LocalClock;
  /**
   * Time of the machine in milliseconds, by which buckets fill as well: virtual time stands still while a client
   * works through what happened at one instant, and one that sends at a fair real rate must not be refused.
   * Without it virtual time alone fills them.
   */
  readonly machineNowMs?: (() => number) | undefined;
}

interface Bucket {
  readonly tokens: number;
  readonly virtualMs: number;
  readonly machineMs: number;
}

export const createThrottle = ({ clock, machineNowMs = () => 0 }: ThrottleOptions): Throttle => {
  const buckets = new Map<string, Bucket>();
  return {
    admit: (name, { rateLimit, burstLimit }) => {
      const virtualMs = clock.nowMs();
      const machineMs = machineNowMs();
      const bucket = buckets.get(name) ?? { tokens: burstLimit, virtualMs, machineMs };
      const elapsedMs = Math.max(virtualMs - bucket.virtualMs, machineMs - bucket.machineMs, 0);
      const tokens = Math.min(burstLimit, bucket.tokens + (elapsedMs / 1_000) * rateLimit);
      const admitted = tokens >= 1;
      buckets.set(name, { tokens: admitted ? tokens - 1 : tokens, virtualMs, machineMs });
      return admitted;
    },
  };
};
