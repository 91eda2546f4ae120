import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/watch-experiments/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRoutingPlans } from '../../../../shared/adapters/memory/routing-plans.ts';
import { captureDayPrefix } from '../../../../shared/contracts/artifacts.ts';
import { experimentPlan, settledPlan } from '../../../../shared/core/routing/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../shared/kernel/time.ts';

const STARTED = Date.UTC(2026, 10, 20, 12);
const by = { model: 'toy', principal: 'ann', atMs: STARTED, reason: 'is it better?' };

/** 1,000 units at even shares, of which `seen` of version 2 were captured; each line comes twice, on two days. */
const open = async (seen: number) => {
  const plans = createMemoryRoutingPlans(() => 'r');
  const data = createMemoryArtifactStore();
  let nowMs = STARTED + DAY_MS;
  await plans.change(by, (standing) => settledPlan(standing, { model: 'toy', version: 1, atMs: STARTED }));
  const arms = [1, 2].map((version) => ({ version, share: 0.5 }));
  await plans.change(by, (standing) =>
    experimentPlan(standing as NonNullable<typeof standing>, {
      model: 'toy',
      experimentId: 'new',
      arms,
      durationMs: 2 * DAY_MS,
      atMs: STARTED,
    }),
  );
  const lines = Array.from({ length: 500 + seen }, (_, unit) => ({
    kind: 'prediction',
    predictionId: `p-${unit}`,
    atMs: STARTED + HOUR_MS,
    model: 'toy',
    version: unit < 500 ? 1 : 2,
    modelDigest: 'd',
    inputs: {},
    output: 0.5,
    latencyMs: 1,
    assignment: { unit: `u-${unit}`, probability: 0.5, plan: 'new#2', arm: 'new' },
  }));
  const body = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const atMs of [STARTED, STARTED + DAY_MS]) {
    await data.put(`${captureDayPrefix('toy', utcDay(atMs))}12/object.gz`, body);
  }
  const watch = createHandler({ stage: 'local', plans, data, clock: { nowMs: () => nowMs } });
  return {
    plans,
    watch: () => watch({ model: 'toy', scheduledAt: '2026-11-21T06:00:00Z' }),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
};

let printed: unknown[] = [];
beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(JSON.parse(line)));
});
afterEach(() => vi.restoreAllMocks());

describe('watching an experiment', () => {
  it('says as a metric that versions get the shares that they should', async () => {
    const { watch } = await open(490);

    expect(await watch()).toEqual({ experimentId: 'new', unitCount: 990, skewed: false });
    expect(printed).toMatchObject([
      { Model: 'local/toy', experimentId: 'new', units: { 1: 500, 2: 490 }, complete: true, SampleRatioEvidence: 0 },
    ]);
  });

  it('rings for a planted skew: its metric is above what the alarm waits for', async () => {
    const { watch } = await open(350);

    expect(await watch()).toMatchObject({ skewed: true });
    expect((printed[0] as { SampleRatioEvidence: number }).SampleRatioEvidence).toBeGreaterThan(3);
  });

  it('looks until two days after its end, and then measures nothing', async () => {
    const { plans, watch, pass } = await open(490);
    await plans.change(by, (standing) => settledPlan(standing, { model: 'toy', version: 2, atMs: STARTED + DAY_MS }));

    expect(await watch()).toMatchObject({ experimentId: 'new', unitCount: 990 });
    pass(2 * DAY_MS);
    expect(await watch()).toEqual({ unitCount: 0, skewed: false });
    expect(printed).toHaveLength(1);
  });
});
