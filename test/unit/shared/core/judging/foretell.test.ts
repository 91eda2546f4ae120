import { describe, expect, it } from 'vitest';
import { foretell } from '../../../../../shared/core/judging/index.ts';
import { HOUR_MS } from '../../../../../shared/kernel/time.ts';
import { errorShare, judgePlan } from '../../../../helpers/judged-traffic.ts';

const plan = judgePlan({ deadlineMs: 24 * HOUR_MS });
const traffic = { unitsPerHour: 2_000, canaryShare: 0.05, baseRates: { errors: 0.01 }, nowMs: 0 };

describe('foretell', () => {
  it('expects about what simulation shows: 1.6 n80 until 80 % of harmed canaries are aborted', () => {
    const [errors] = foretell(plan, traffic).metrics;

    // n80 of 1 % against 2 % at 1:19 is 850 canary units.
    expect(errors!.unitsToAbort / 850).toBeGreaterThan(1.4);
    expect(errors!.unitsToAbort / 850).toBeLessThan(1.9);
    expect(errors!.hoursToAbort).toBeCloseTo(errors!.unitsToAbort / 100, 9);
  });

  it('tells when a canary that is no worse is promoted, and what would be found by the deadline', () => {
    const forecast = foretell(plan, traffic);

    expect(forecast.hours).toBeCloseTo(forecast.unitsNeeded / 100, 9);
    expect(forecast.metrics[0]!.detectable).toBeGreaterThan(0.005);
    expect(forecast.metrics[0]!.detectable).toBeLessThan(0.02);
    expect(forecast.text).toMatch(
      /^a canary that is no worse is promoted after \d+ canary units, \d+ h; smallest harms that are found by the deadline: errors: 0\.0\d+$/,
    );
  });

  it('finds a smaller harm with more traffic, and needs more units for a smaller margin', () => {
    const busy = foretell(plan, { ...traffic, unitsPerHour: 20_000 });
    const strict = foretell(judgePlan({ metrics: [{ ...errorShare, margin: 0.005 }] }), traffic);

    expect(busy.metrics[0]!.detectable!).toBeLessThan(foretell(plan, traffic).metrics[0]!.detectable!);
    expect(busy.hours).toBeCloseTo(foretell(plan, traffic).hours / 10, 6);
    expect(strict.unitsNeeded).toBeGreaterThan(2 * foretell(plan, traffic).unitsNeeded);
  });

  it('says so when the deadline comes first, and without any traffic', () => {
    const late = foretell(judgePlan({ deadlineMs: HOUR_MS }), { ...traffic, unitsPerHour: 20 });
    const none = foretell(plan, { ...traffic, unitsPerHour: 0 });

    expect(late.text).toMatch(
      /^a canary that is no worse needs \d+ canary units, [\d.]+ days to be promoted: the deadline, in 1 h, comes first;/,
    );
    expect(late.text).toContain('errors: no harm');
    expect(none.hours).toBe(Number.POSITIVE_INFINITY);
    expect(none.text).toMatch(
      /^a canary that is no worse is never shown to be so: the deadline, in 24 h, comes first;/,
    );
  });

  it('needs at least the fewest units of the plan', () => {
    expect(foretell({ ...plan, fewestUnits: 100_000 }, traffic)).toMatchObject({ unitsNeeded: 100_000, hours: 1_000 });
  });

  it.each([
    ['unitsPerHour must be from 0, got -1', { unitsPerHour: -1 }],
    ['canaryShare must be in (0, 1), got 1', { canaryShare: 1 }],
    ['baseRates must have errors in [0, 1], got nothing', { baseRates: {} }],
    ['baseRates must have errors in [0, 1], got 2', { baseRates: { errors: 2 } }],
    ['nowMs must be epoch ms, got NaN', { nowMs: Number.NaN }],
  ])('refuses: %s', (message, over) => {
    expect(() => foretell(plan, { ...traffic, ...over })).toThrow(message);
  });
});
