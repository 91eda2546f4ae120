export { assessFreshness, type Newest } from './assess-freshness.ts';
export { assessVolume, type DayCount, recountDays } from './assess-volume.ts';
export { type CaptureFold, createCaptureFold, type DayDelta } from './capture-fold.ts';
export type { CapturedPrediction } from './captured-prediction.ts';
export { compareWindow, type ProfiledWindow } from './compare-window.ts';
export { type CountedReference, countedProfile, countedTraining } from './counted-reference.ts';
export { type CalibratedCheck, type DecidedWindow, decideWindow } from './decide-window.ts';
export { type DriftMetrics, type DriftStatus, detectDrift, type FloorFindings } from './detect-drift.ts';
export { countVersions, type DriftWindow, emptyTable, mergeWindow } from './drift-window.ts';
export {
  type DayHead,
  type DaySummary,
  decodeDay,
  decodeHours,
  encodeDay,
  encodeHours,
  readDayHead,
} from './encode-day.ts';
export { type CapturedObject, decodeDelta, encodeDelta, type StoredDelta } from './encode-delta.ts';
export { decodeReference, encodeReference } from './encode-reference.ts';
export { ALL_TRAFFIC, type FoldPlan, foldPlan, PREDICTION_COLUMN } from './fold-plan.ts';
export { interpretPlan, interpretReference, type VersionReference } from './interpret-reference.ts';
export { makeProfile, type ProfileInput } from './make-profile.ts';
export { findRefolds, type MergedDay, mergeDay } from './merge-day.ts';
export type { IdTable, PredictionIndex } from './prediction-ids.ts';
export type { MonitoredFeature, ReferenceProfile } from './reference-profile.ts';
export { makeTrainingReference, type TrainingReference } from './training-reference.ts';
export { mergeHoursByVersion, type SharedDays, sharedDays } from './version-profiles.ts';
