export { type ColumnDrift, compareToReference, type WindowComparison } from './compare-to-reference.ts';
export {
  type DriftLimits,
  type DriftMetrics,
  type DriftReport,
  type DriftStatus,
  detectDrift,
  minDayCount,
} from './detect-drift.ts';
export { type CaptureRecord, type CaptureWindow, foldWindow, type WindowRow } from './fold-window.ts';
export { makeProfile, type ProfileInput } from './make-profile.ts';
export { profileWindow, type WindowFeature, type WindowProfile } from './profile-window.ts';
export type {
  CategoryProfile,
  FeatureProfile,
  MonitoredFeature,
  NullWindows,
  NumberProfile,
  ReferenceProfile,
} from './reference-profile.ts';
