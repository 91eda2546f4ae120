import { describe, expect, it } from 'vitest';
import { readState, writeState } from '../../../../functions/detect-drift/drift-state.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../shared/kernel/time.ts';
import {
  countingCalls,
  openBench,
  predictionLine,
  SERVED_FROM,
  serveDay,
  WINDOW_DAYS,
} from '../../../helpers/drift-bench.ts';

describe('the drift report', () => {
  it('tells what each version answered of a canary, by the hours of the days that it shared', async () => {
    const bench = openBench();
    await serveDay(bench, 0);
    await serveDay(bench, 1);
    const canaryOf = (count: number, from: number) =>
      Array.from({ length: count }, (_, n) => {
        const atMs = SERVED_FROM + DAY_MS + n * HOUR_MS;
        return predictionLine(`canary-${from}-${n}`, atMs, n * 2, { version: 2, output: 0.9 });
      });
    await bench.capture('z-canary', SERVED_FROM + DAY_MS, canaryOf(12, 0));
    const few = await bench.whole();
    await bench.capture('z-more', SERVED_FROM + DAY_MS, canaryOf(12, 1));

    const report = await bench.whole();
    const asked = countingCalls(bench.data);
    await bench.check(asked.store);

    expect(few.profiles?.versions).toMatchObject([
      { version: 1, rowCount: 96 },
      { version: 2, rowCount: 12 },
    ]);
    expect(few.profiles?.versions?.map(({ psi }) => psi === undefined)).toEqual([false, true]);
    const [champion, canary] = report.profiles?.versions ?? [];
    expect([champion?.rowCount, canary?.rowCount]).toEqual([96, 24]);
    expect(Object.keys(canary?.psi ?? {})).toEqual(['x', 'kind', '@prediction']);
    expect(champion?.psi?.['@prediction']).toBeLessThan(0.05);
    expect(canary?.psi?.['@prediction']).toBeGreaterThan(1);
    // The hours of one day, beside what a window of one version reads.
    expect(asked.counts.get).toBe(2 * WINDOW_DAYS + 2);
  });

  it('expects as many predictions as on days after the first check, and keeps which day that was', async () => {
    const bench = openBench();
    await serveDay(bench, 0);
    await serveDay(bench, 1);
    const earlier = utcDay(SERVED_FROM - DAY_MS);
    const days = [5, 4, 3, 2, 1].map((back) => ({ day: utcDay(SERVED_FROM - back * DAY_MS), rowCount: 480 }));
    const checkAfter = async (state: object) => {
      await writeState(bench.data, 'toy', earlier, { schemaVersion: 1, days, ...state });
      const { volume } = await bench.whole();
      const kept = await readState(bench.data, 'toy', utcDay(SERVED_FROM + 3 * DAY_MS));
      return [volume.status, kept.firstCheckDay];
    };

    expect(await checkAfter({})).toEqual(['too few', undefined]);
    expect(await checkAfter({ firstCheckDay: earlier })).toEqual(['unknown', earlier]);
  });
});
