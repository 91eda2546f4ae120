import { describe, expect, test } from 'vitest';
import { createBatchingPolicy } from '../../../../../shared/core/batching/index.ts';
import { fixedPolicy, ONE_BY_ONE, type Policy, simulateBatching } from '../../../../helpers/batch-simulation.ts';

const OPTIONS = { maxRows: 64, maxDelayMs: 5 };

/** A batch costs `fixedMs` and `perRowMs` for each row; the load as a share of what one-by-one service can do. */
interface Load {
  readonly fixedMs: number;
  readonly perRowMs: number;
  readonly share: number;
}

const run = (policy: Policy, { fixedMs, perRowMs, share }: Load) =>
  simulateBatching(policy, {
    requestsPerSecond: (share * 1_000) / (fixedMs + perRowMs),
    serviceMs: (rowCount) => fixedMs + perRowMs * rowCount,
  });
const adaptive = (load: Load) => run(createBatchingPolicy(OPTIONS), load);

const MODELS = [
  [10, 0.1],
  [4, 0.5],
  [1, 1],
  [0.2, 2],
  [0, 2],
] as const;
const SHARES = [0.1, 0.5, 0.8, 0.95, 1.5, 3] as const;
const LOADS: readonly Load[] = MODELS.flatMap(([fixedMs, perRowMs]) =>
  SHARES.map((share) => ({ fixedMs, perRowMs, share })),
);

describe('against a simulation', () => {
  test.each(LOADS)(
    'slower than no batching by a twentieth at most: $fixedMs + $perRowMs a row at load $share',
    (load) => {
      const ours = adaptive(load);
      const none = run(ONE_BY_ONE, load);

      expect(ours.meanMs).toBeLessThanOrEqual(none.meanMs * 1.05);
      expect(ours.perSecond).toBeGreaterThanOrEqual(none.perSecond * 0.99);
    },
  );

  test.each(LOADS.filter(({ fixedMs, share }) => fixedMs >= 1 || share < 0.9))(
    'slower than a fixed size and delay by a fiftieth at most: $fixedMs + $perRowMs a row at load $share',
    (load) => {
      expect(adaptive(load).meanMs).toBeLessThanOrEqual(run(fixedPolicy(8, 5), load).meanMs * 1.02);
    },
  );

  test('at a tenth of the load a request does not wait for others, as it does with a fixed delay', () => {
    const load = { fixedMs: 4, perRowMs: 0.5, share: 0.1 };
    expect(adaptive(load).meanMs).toBeLessThan(run(fixedPolicy(8, 5), load).meanMs * 0.6);
  });

  test('at three times what one-by-one service can do all are answered in time', () => {
    const load = { fixedMs: 4, perRowMs: 0.5, share: 3 };
    const ours = adaptive(load);

    expect(ours.perSecond).toBeGreaterThan(run(ONE_BY_ONE, load).perSecond * 2.9);
    expect(ours.p99Ms).toBeLessThan(20);
  });

  test('where batches spare nothing, none are formed', () => {
    expect(adaptive({ fixedMs: 0, perRowMs: 2, share: 3 }).meanRequestsPerBatch).toBeLessThan(1.5);
  });
});

describe('one decision', () => {
  /** A policy that has seen batches of a model, and arrivals each `gapMs`. */
  const trained = (fixedMs: number, perRowMs: number, gapMs: number) => {
    const policy = createBatchingPolicy(OPTIONS);
    for (let i = 0; i < 50; i += 1) {
      policy.arrived(i * gapMs);
      policy.served(1 + (i % 32), fixedMs + perRowMs * (1 + (i % 32)));
    }
    return policy;
  };
  const waiting = (count: number, arrivedAtMs: number) =>
    Array.from({ length: count }, () => ({ rowCount: 1, arrivedAtMs }));

  test('a request is held for others that are about to come, and no longer than the limit', () => {
    const policy = trained(20, 0.1, 0.5);
    const plan = policy.plan(waiting(1, 25), 25);

    expect('waitMs' in plan && plan.waitMs > 0 && plan.waitMs <= 5).toBe(true);
    expect(policy.plan(waiting(1, 25), 30)).toEqual({ take: 1 });
  });

  test('a request is not held when others are not expected soon', () => {
    expect(trained(20, 0.1, 15).plan(waiting(1, 750), 750)).toEqual({ take: 1 });
  });

  test('a batch has no more rows than the limit, and the oldest request comes along whatever its rows', () => {
    const policy = trained(20, 0.1, 0.5);
    expect(policy.plan(waiting(100, 25), 40)).toEqual({ take: 64 });
    expect(
      policy.plan(
        [
          { rowCount: 500, arrivedAtMs: 0 },
          { rowCount: 1, arrivedAtMs: 0 },
        ],
        40,
      ),
    ).toEqual({ take: 1 });
  });

  test('a size that was never tried is approached by doubling', () => {
    const policy = createBatchingPolicy(OPTIONS);
    for (let i = 0; i < 20; i += 1) policy.served(1 + (i % 2), 10 + 0.1 * (1 + (i % 2)));
    expect(policy.plan(waiting(50, 0), 1)).toEqual({ take: 4 });
  });

  test('one pause of the machine does not change what is expected of the model', () => {
    const policy = trained(20, 0.1, 0.5);
    policy.served(1, 5_000);
    expect(policy.expectedMs(10)).toBeLessThan(30);
  });
});
