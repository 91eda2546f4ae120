import { expect, it } from 'vitest';
import { servedRequests } from '../../../../../shared/core/performance/index.ts';

const DAY = { fromMs: 1_000, toMs: 2_000 };

const line = (predictionId: string, atMs: number, latencyMs: number, requestId?: string) => ({
  kind: 'prediction' as const,
  predictionId,
  atMs,
  latencyMs,
  ...(requestId === undefined ? {} : { request: { id: requestId } }),
});

it('counts each request of the day once, however many rows it has and however often they come', () => {
  const served = servedRequests(DAY, true);
  for (const one of [
    line('a', 1_000, 3),
    line('b', 1_500, 5, 'r'),
    line('c', 1_500, 5, 'r'),
    line('b', 1_500, 5, 'r'),
    line('b', 1_600, 9, 'r'),
    line('early', 999, 100),
    line('late', 2_000, 100),
  ])
    served.take(one);
  served.take({ kind: 'failure', predictionId: 'f', atMs: 1_700, latencyMs: 900 });

  expect(served.day()).toEqual({ requestCount: 4, failureCount: 1, latencyMsP99: 9 });
});

it('tells the latency that 99 in 100 answers did not exceed', () => {
  const served = servedRequests(DAY, false);
  for (let i = 1; i <= 200; i += 1) served.take(line(`p${i}`, 1_000 + i, i));

  expect(served.day()).toEqual({ requestCount: 200, latencyMsP99: 198 });
});

it('says nothing without requests, and of requests that all failed no latency', () => {
  const failed = servedRequests(DAY, true);
  failed.take({ kind: 'failure', predictionId: 'f', atMs: 1_700, latencyMs: 900 });

  expect(servedRequests(DAY, true).day()).toBeUndefined();
  expect(failed.day()).toEqual({ requestCount: 1, failureCount: 1 });
});

it('holds no more than its share of a day with much traffic, and tells the counts within chance', () => {
  const served = servedRequests(DAY, true, 2_000);
  const twice = servedRequests(DAY, true, 2_000);
  for (let i = 0; i < 50_000; i += 1) {
    const one = {
      ...line(`p${i}`, 1_000 + (i % 1_000), i % 100),
      kind: i % 10 === 0 ? 'failure' : 'prediction',
    } as const;
    served.take(one);
    for (let again = 0; again < 2; again += 1) twice.take(one);
  }

  const { requestCount = 0, failureCount = 0, sampledShare = 1, latencyMsP99 } = served.day() ?? {};
  expect(sampledShare).toBe(1 / 32);
  // Five deviations of what a share of 1 in 32 finds.
  expect(Math.abs(requestCount - 50_000)).toBeLessThan(5 * Math.sqrt(50_000 * 31));
  expect(Math.abs(failureCount - 5_000)).toBeLessThan(5 * Math.sqrt(5_000 * 31));
  expect(latencyMsP99).toBeGreaterThanOrEqual(96);
  expect(twice.day()).toEqual(served.day());
});
