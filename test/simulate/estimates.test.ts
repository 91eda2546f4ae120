import { describe, expect, it } from 'vitest';
import { renderEstimates } from './estimates/render-estimates.ts';
import type { EstimatesSimulation, ToldDay } from './estimates/simulate-estimates.ts';
import { tellEstimates } from './estimates/tell-estimates.ts';

const DAYS = 40;
const dayName = (index: number): string => new Date(Date.UTC(2001, 1, 1 + index)).toISOString().slice(0, 10);

/** Inside what was told on the first thirty days, and above it on the last ten. */
const toldDay = (index: number): ToldDay => {
  const inTold = index < 30;
  const value = { value: 0.7, lower: 0.68, upper: 0.72, actual: inTold ? 0.71 : 0.75, inSampling: false, inTold };
  return { day: dayName(index), widened: index >= 20, auc: value, logLoss: value };
};

const week = { estimated: 0.7, actual: 0.71, inside: 6, reconciled: 7 };
const coverage = { dayCount: DAYS, sampling: 0.5, widened: 0.9, widenedDayCount: 20 };

const simulation: EstimatesSimulation = {
  seed: '<1>',
  flightsPerDay: 1_000,
  claims: [
    { name: 'AUC inside', measured: 0.93, from: 0.9, to: 1, holds: true },
    { name: 'log loss inside', measured: 0.8, from: 0.85, to: 1, holds: false },
  ],
  shifts: [
    {
      strength: 0.5,
      windowCount: 100,
      aucInside: 0.93,
      aucMeanWidth: 0.0412,
      aucSpread: 0.01,
      logLossInside: 0.94,
      logLossMeanWidth: 0.02,
    },
  ],
  coverage: { auc: coverage, logLoss: { dayCount: DAYS, sampling: 0.5, widenedDayCount: 0 } },
  weeks: [
    {
      week: '2001-02-05',
      dayCount: 7,
      auc: week,
      logLoss: week,
      predictionPsi: 0.21,
      driftAlarmDays: 2,
      degradedDays: 1,
      conceptDriftDays: 3,
    },
  ],
  days: Array.from({ length: DAYS }, (_, index) => toldDay(index)),
  lastReport: {} as EstimatesSimulation['lastReport'],
  wallSeconds: 12.5,
};

describe('what a simulation of estimates tells', () => {
  it('is one page with the claims, a row a week, and of each metric its values and its coverage by day', () => {
    const page = renderEstimates(simulation);

    expect(page).toContain('Claims: 1 of 2 hold');
    expect(page).toContain('90.0 % to 100.0 %');
    expect(page.match(/<figure>/g)).toHaveLength(4);
    expect(page).toContain('On 30 of 40 days');
    expect(page).toMatch(/2001-02-05<\/th>.*0\.210.*6\/7.*6\/7/s);
    expect(page).not.toMatch(/NaN|undefined|https?:|<1>/);
  });

  it('draws the share of four weeks inside, from the first four weeks on', () => {
    const page = renderEstimates(simulation);
    const [, coverageOfAuc = ''] = page.split('<figure>').slice(1);
    const lineOf = (of: string): readonly string[] =>
      new RegExp(`line ${of}" points="([^"]*)"`).exec(coverageOfAuc)?.[1]?.split(' ') ?? [];

    const told = lineOf('candidate').map((point) => Number(point.split(',')[1]));

    expect(told).toHaveLength(DAYS - 28 + 1);
    // All inside to begin with; in the end 18 of 28, ever lower on the picture.
    expect(told.slice(1, 4)).toEqual([told[0], told[0], expect.any(Number)]);
    expect(told.at(-1)).toBeGreaterThan(told[0] ?? 0);
    expect(new Set(lineOf('baseline').map((point) => point.split(',')[1])).size).toBe(1);
  });

  it('is text for a terminal with the same figures', () => {
    const text = tellEstimates(simulation);

    expect(text).toContain('FAILS  log loss inside: 80.0 %, to be from 85.0 % to 100.0 %');
    expect(text).toMatch(/logLoss\s+50\.0 %\s+40\s+none yet\s+0/);
    expect(text).toMatch(/2001-02-05\s+0\.210\s+2\s+0\.700\s+0\.710\s+6\/7/);
    expect(text).not.toContain('NaN');
  });
});
