import { readFileSync } from 'node:fs';
import { defineModel } from '../../shared/contracts/model-definition.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

/** The airports' zones as rows of VALUES, so that the definition's SQL needs no file beside it. */
const airportRows = read('airports.csv')
  .trim()
  .split('\n')
  .slice(1)
  .map(
    (line) =>
      `(${line
        .split(',')
        .map((field) => `'${field}'`)
        .join(', ')})`,
  )
  .join(',\n  ');

const withAirports = (sql: string): string => sql.replace('/* airports.csv */', airportRows);

const WINDOWS = ['3h', '24h', '7d'] as const;
const windowed = (...names: readonly string[]): string[] =>
  WINDOWS.flatMap((window) => names.map((name) => `${name}_${window}`));

/** At gate-out: will the flight arrive more than 15 minutes late? */
export default defineModel({
  name: 'flight-delay',
  owner: 'flight-operations',
  description: 'At departure: probability that a US domestic flight arrives more than 15 minutes late',
  task: 'binary-classification',
  data: {
    dataset: 'flights',
    source: {
      package: 'vega-datasets',
      file: 'data/flights-3m.parquet',
      ingestSql: withAirports(read('ingest.sql')),
    },
    featuresSql: withAirports(read('features.sql')),
    requestValues: [{ name: 'departure_at', type: 'timestamp' }],
    requestFeatures: [
      {
        name: 'hour',
        // With its minutes: late in the hour is not early in the next.
        expression: {
          op: 'add',
          of: [
            { op: 'hour', of: ['departure_at', 'zone'] },
            { op: 'divide', of: [{ op: 'minute', of: ['departure_at', 'zone'] }, 60] },
          ],
        },
      },
      { name: 'weekday', expression: { op: 'weekday', of: ['departure_at', 'zone'] } },
    ],
    warmUpDays: 7,
    maxRows: 300_000,
  },
  features: [
    { name: 'distance', type: 'number', min: 0, max: 6_000 },
    { name: 'hour', type: 'number', min: 0, max: 24 },
    { name: 'weekday', type: 'number', min: 1, max: 7, monitor: 'whole-weeks' },
    ...WINDOWS.flatMap((window) => [
      { name: `origin_late_share_${window}`, type: 'number' as const, min: 0, max: 1, nullable: true },
      { name: `origin_mean_delay_${window}`, type: 'number' as const, min: -300, max: 3_000, nullable: true },
      { name: `origin_flights_${window}`, type: 'number' as const, min: 0 },
    ]),
  ],
  featureViews: [
    {
      name: 'origin',
      entity: ['origin'],
      features: windowed('origin_late_share', 'origin_mean_delay', 'origin_flights'),
      attributes: [{ name: 'zone', type: 'category' }],
      sql: withAirports(read('origins.sql')),
      lookBackDays: 7,
      // Hourly where data comes by the hour; where it comes by the day, the next day's is two hours late at most.
      ttlMinutes: 26 * 60,
      schedule: 'rate(1 hour)',
    },
    {
      name: 'route',
      entity: ['origin', 'destination'],
      features: ['distance'],
      sql: read('routes.sql'),
      // What was flown before keeps its values: no airport moves.
      lookBackDays: 3,
      ttlMinutes: 90 * 24 * 60,
      schedule: 'cron(20 1 * * ? *)',
    },
  ],
  // Slow and stopped early: at a rate of 0.1 the model is as good, but answers to weather less and drift shows later.
  trainer: { kind: 'built-in', rounds: 200, maxLeaves: 31, learningRate: 0.05 },
  evaluation: { holdoutDays: 7, minAuc: 0.65 },
  approval: 'automatic',
  deployment: {
    canarySteps: [0.1, 0.5, 1],
    bakeMinutes: 1_440,
    maxErrorShareIncrease: 0.03,
    // The longest flight has landed by then.
    shadow: { labelDelayDays: 1 },
  },
  monitors: {
    schedule: 'cron(0 6 * * ? *)',
    windowDays: 7,
    minRows: 3_000,
    predictionPsiLimit: 0.2,
    alarmAfterChecks: 2,
  },
  retraining: { onDrift: true, coolDownDays: 14 },
});
