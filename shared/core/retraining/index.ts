export { type AgedModels, ageModels, type LabelledRows, type Recipe } from './age-models.ts';
export { type BackTest, backTestOf } from './back-test.ts';
export { costOfRun, PROXY_SETTINGS, settingsOf } from './costed-definition.ts';
export type { AgedModel, DayLoss } from './day-losses.ts';
export { decideRetraining, type RetrainingDecision } from './decide-retraining.ts';
export { budgetRefusal, monthOf, spentIn } from './monthly-budget.ts';
export { planBackTest } from './plan-back-test.ts';
export {
  countPredictions,
  type PredictionsPerDay,
  type PredictionsSource,
  TRAFFIC_DAYS,
  type TrafficOnRecord,
  tellPredictions,
} from './predictions-per-day.ts';
export { paysFromDays, type StalenessPoint, stalenessCurve } from './staleness-curve.ts';
export { estimationCostUsd } from './training-cost.ts';
export { worthValue } from './worth-value.ts';
