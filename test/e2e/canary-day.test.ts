import { describe, expect, it } from 'vitest';
import { type DaysOptions, runDays } from '../../infra/local/chaos/day/run-days.ts';
import { PLANTS } from '../../infra/local/chaos/plants.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import { builtBefore } from '../helpers/built-functions.ts';

/** Short days of `npm run chaos -- --canary-day`: three hours, with callers less often than there and more faults. */

const SHORT: Omit<DaysOptions, 'firstSeed'> = {
  seedCount: 1,
  hours: 3,
  paces: { busyMs: 24 * SECOND_MS, calmMs: 2 * MINUTE_MS },
  faultChance: 0.01,
  shrink: false,
  onProgress: () => {},
};

describe('a day of canaries under faults', { timeout: 300_000 }, () => {
  it('holds every claim, and counts something for each', async () => {
    const { days, failures } = await runDays({ ...SHORT, firstSeed: 1, ...(await builtBefore()) });

    expect(failures.flatMap(({ claims }) => claims.flatMap(({ breaches }) => breaches))).toEqual([]);
    expect(days[0]?.injected.length).toBeGreaterThan(10);
    expect(days[0]?.claims).toHaveLength(9);
    for (const { counted } of days[0]?.claims ?? []) expect(counted).toMatch(/[1-9]/);
  });

  it('finds captures that are lost uncounted, metering that doubles, and a roll-back that waits', async () => {
    const plants = [PLANTS['swallow-retry'], PLANTS['count-lines'], PLANTS['late-rollback']];

    const { failures } = await runDays({ ...SHORT, faultChance: 0.02, firstSeed: 2, plants, ...(await builtBefore()) });

    const broken = failures[0]?.claims.filter(({ breaches }) => breaches.length > 0) ?? [];
    expect(broken.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'no answered prediction is lost beyond what CaptureFailed counts',
        'usage counts each captured request once',
        'what is decided gives traffic back within a minute',
      ]),
    );
  });
});
