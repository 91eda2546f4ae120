import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { claimsOf } from './claims.ts';
import { renderNullYear } from './render-null-year.ts';
import { type SimulationPlan, simulateNullYear } from './simulate-null-year.ts';
import { tellNullYear } from './tell-null-year.ts';

const MOST_YEARS = 100;

const USAGE = `npm run simulate -- null-year [options]

Plays clean years of a service with 50 features, hour by hour, against the drift check: with independent rows, and with
shifts that all rows of a day share, weekdays and hours. Then plants changes and counts the days until each is found. A
fixed PSI and an uncorrected Kolmogorov–Smirnov test watch the same days. Ends with 1 if a claim does not hold. Takes
about six minutes.

  --years N      of each kind, 1 to ${MOST_YEARS} (default: 20)
  --quick        2 years of each kind, 20 features
  --seed TEXT    another course of events (default: 1); the same seed gives the same figures
  --report FILE  writes tables and pictures as one HTML page
  --json         prints all figures as JSON instead of tables and claims as text
  --help         this text
`;

const readArguments = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      years: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.quick && values.years !== undefined) throw new TypeError('--quick stands alone, without --years');
  const years = Number(values.years ?? (values.quick ? 2 : 20));
  if (!Number.isInteger(years) || years < 1 || years > MOST_YEARS)
    throw new TypeError(`--years must be an integer in [1, ${MOST_YEARS}], got ${values.years}`);
  return { ...values, years };
};

const FULL_SHAPE = { numbers: 40, categories: 10, virtualYears: 64, shortReference: true } as const;
const QUICK_SHAPE = { numbers: 16, categories: 4, virtualYears: 32, shortReference: false } as const;

export const runNullYear = (args: readonly string[]): void => {
  const { years, quick, seed, report, json, help } = readArguments(args);
  if (help) {
    console.log(USAGE);
    return;
  }
  const plan: SimulationPlan = {
    ...(quick ? QUICK_SHAPE : FULL_SHAPE),
    seed,
    years,
    nowMs: () => performance.now(),
    onProgress: (line) => console.error(line),
  };
  const simulation = simulateNullYear(plan);
  if (report !== undefined) writeFileSync(report, renderNullYear(simulation));
  console.log(
    json ? JSON.stringify({ claims: claimsOf(simulation), ...simulation }, null, 2) : tellNullYear(simulation),
  );
  process.exitCode = claimsOf(simulation).every(({ holds }) => holds) ? 0 : 1;
};
