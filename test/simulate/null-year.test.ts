import { describe, expect, it } from 'vitest';
import { claimsOf } from './null-year/claims.ts';
import { renderNullYear } from './null-year/render-null-year.ts';
import { simulateNullYear } from './null-year/simulate-null-year.ts';

describe('a small simulation of clean years and planted changes', () => {
  const simulation = simulateNullYear({
    seed: '1',
    years: 1,
    numbers: 8,
    categories: 2,
    virtualYears: 16,
    shortReference: false,
    nowMs: () => 0,
    onProgress: () => {},
  });

  it('holds what the drift check promises', () => {
    const claims = claimsOf(simulation);

    expect(claims).toHaveLength(10);
    expect(claims.filter(({ holds }) => !holds)).toEqual([]);
  });

  it('shows what fixed limits do on the same days', () => {
    const [, days] = simulation.nulls;

    expect(days?.years[0]?.ksAny.days).toBeGreaterThan(200);
  });

  it('is drawn as one page', () => {
    const page = renderNullYear(simulation);

    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page).toContain('10 features, seed 1');
    expect(page).not.toMatch(/NaN|undefined|https?:/);
  });
});
