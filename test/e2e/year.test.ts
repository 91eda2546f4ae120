import { beforeAll, expect, it } from 'vitest';
import { assembleYear, liveDays, type YearFacts } from '../helpers/simulated-year.ts';

/** The first days of the year that `npm run bench -- --only twin/year` lives whole: nothing is skipped, nothing fails. */

const DAYS = 2;
let facts: YearFacts;

beforeAll(async () => {
  const assemblyFolder = await assembleYear();
  facts = await liveDays({ assemblyFolder, days: DAYS, seed: 7 });
}, 240_000);

it('trains every day, checks every hour, and rolls out the version that was approved', () => {
  expect(facts).toMatchObject({ trainings: DAYS, driftChecks: DAYS * 24 + 1, rollouts: 1, failures: 0 });
  expect(facts.fewestPredictions).toBe(24);
});
