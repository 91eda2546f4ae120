import { describe, expect, it } from 'vitest';
import { NO_SEEN_UNITS } from '../../../../../shared/core/judging/index.ts';
import { fingerprintOf, mayEnter, remember, type SeenUnits } from '../../../../../shared/core/judging/seen-units.ts';

const unit = (i: number): string => `${(i * 0x9e3779b1).toString(16)}-${i}`;

const fingerprints = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => fingerprintOf(unit(from + i)));

describe('the memory of units', () => {
  it('knows every unit that entered while there is room', () => {
    const seen = remember(NO_SEEN_UNITS, fingerprints(0, 1_000));

    expect(fingerprints(0, 1_000).some((one) => mayEnter(seen, one))).toBe(false);
    expect(fingerprints(1_000, 2_000).every((one) => mayEnter(seen, one))).toBe(true);
  });

  it('stays bounded, and lets none enter twice', () => {
    let seen: SeenUnits = NO_SEEN_UNITS;
    const entries = new Map<number, number>();
    for (let round = 0; round < 2; round += 1) {
      for (let from = 0; from < 5_000; from += 100) {
        const entering = fingerprints(from, from + 100).filter((one) => mayEnter(seen, one));
        for (const one of entering) entries.set(one, (entries.get(one) ?? 0) + 1);
        seen = remember(seen, entering, 500);
        expect(seen.fingerprints.size).toBeLessThanOrEqual(500);
      }
    }

    expect(Math.max(...entries.values())).toBe(1);
    expect(entries.size).toBeGreaterThan(500);
    expect(seen.halvings).toBeGreaterThan(0);
  });

  it('halves without regard to the leading digits of a key, from which a router may draw the version', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `${(i % 16).toString(16)}${unit(i)}`);
    const kept = keys.filter((key) => mayEnter({ halvings: 1, fingerprints: new Set() }, fingerprintOf(key)));
    const canary = (all: readonly string[]): number => all.filter((key) => key.startsWith('0')).length;

    // Five standard deviations of binomial counts.
    expect(Math.abs(kept.length - 10_000)).toBeLessThan(354);
    expect(Math.abs(canary(kept) - canary(keys) / 2)).toBeLessThan(5 * Math.sqrt(canary(keys) / 4));
  });

  it('gives different units different fingerprints of 48 bits', () => {
    const all = fingerprints(0, 20_000);

    expect(new Set(all).size).toBe(20_000);
    expect(Math.max(...all)).toBeLessThan(2 ** 48);
  });
});
