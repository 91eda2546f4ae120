import { meanOf } from '../../simulate/null-year/claims.ts';
import { type NullYear, playNullYear, REFERENCE_DAYS, YEAR_DAYS } from '../../simulate/null-year/simulate-null-year.ts';
import { watchService } from '../../simulate/null-year/watched-service.ts';
import { createWorld } from '../../simulate/null-year/world.ts';
import type { BenchRow } from '../bench-row.ts';

const NUMBERS = 40;
const YEARS = 4;

const playYear = (_: unknown, year: number): NullYear => {
  const shape = { kind: 'days', numbers: NUMBERS, categories: 10, dayCount: REFERENCE_DAYS + YEAR_DAYS } as const;
  const service = watchService(createWorld(`bench/${year}`, shape), {
    referenceDays: REFERENCE_DAYS,
    virtualYears: 64,
    nowMs: () => performance.now(),
  });
  const startMs = performance.now();
  const played = playNullYear(`${year}`, service, NUMBERS);
  const dayMs = (performance.now() - startMs) / YEAR_DAYS;
  console.error(
    `  year ${year}: calibrated in ${(service.calibratedInMs / 1_000).toFixed(1)} s, a day drawn and checked in ${dayMs.toFixed(1)} ms`,
  );
  return played;
};

export const row: BenchRow = {
  name: 'monitoring/null-year',
  unit: 'days in alarm a year',
  betterIs: 'lower',
  baselineName: `some feature's daily PSI > 0.1; both: mean of ${YEARS} years of 50 features in which nothing changes but days, weekdays and hours`,
  prepare: async () => {
    const years = Array.from({ length: YEARS }, playYear);
    return {
      value: async () => meanOf(years.map(({ evidence }) => evidence.filter((one) => one >= 1).length)),
      baseline: async () => meanOf(years.map(({ psi }) => psi.days)),
    };
  },
};
