import type { RetrainingWorth, Staleness } from '../../shared/contracts/retraining-worth.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';

/** What is on record about a run that an alarm asked for. */

const START_MS = Date.UTC(2001, 1, 10);
const DAYS = 7;

/** It pays above 0.002 a prediction: 1.4 dollars over 28 days of 500 predictions at 0.05 dollars. */
export const weighedRun = (change: Partial<RetrainingWorth> = {}): RetrainingWorth => ({
  schemaVersion: 1,
  model: 'toy',
  runId: 'run-1',
  asOfMs: START_MS + DAYS * DAY_MS,
  decision: 'retrain',
  reason: 'it saves more than it costs',
  champion: { version: 1, trainedThroughMs: START_MS - 21 * DAY_MS, ageDays: 28 },
  backTest: {
    rowCount: 4_000,
    rounds: 80,
    isProxy: false,
    incumbentThroughMs: START_MS - 21 * DAY_MS,
    candidatesThroughMs: [START_MS],
    days: Array.from({ length: DAYS }, (_, at) => ({
      day: utcDay(START_MS + at * DAY_MS),
      rowCount: 500,
      incumbentLoss: 0.52 + 0.002 * at,
      candidateLoss: 0.51,
    })),
    betterDayCount: DAYS,
    gain: { mean: 0.016, lower: 0.011, upper: 0.021, confidence: 0.95 },
  },
  value: {
    of: 'loss',
    usdPerUnit: 0.05,
    predictionsPerDay: 500,
    horizonDays: 28,
    gainUsd: { mean: 11.2, lower: 7.7, upper: 14.7, confidence: 0.95 },
  },
  costUsd: 1.4,
  estimateCostUsd: 0.01,
  ...change,
});

export const agedModels = (): Staleness => ({
  schemaVersion: 1,
  model: 'toy',
  asOfMs: START_MS + DAYS * DAY_MS,
  rowCount: 4_000,
  cutOffsMs: [START_MS, START_MS - 14 * DAY_MS],
  points: [
    { fromDays: 7, toDays: 14, dayCount: 7, addedLoss: 0.002, lower: -0.001, upper: 0.005 },
    { fromDays: 14, toDays: 28, dayCount: 14, addedLoss: 0.006, lower: 0.002, upper: 0.01 },
  ],
  paysFromDays: 12,
  statement: 'From an age of 12 days on retraining pays.',
});
