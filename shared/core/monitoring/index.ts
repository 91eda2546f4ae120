export { type DriftMetrics, type DriftReport, type DriftStatus, detectDrift } from './detect-drift.ts';
export { type CaptureRecord, type CaptureWindow, foldWindow, type WindowRow } from './fold-window.ts';
export { makeProfile, type ProfileInput } from './make-profile.ts';
export { profileWindow, type WindowProfile } from './profile-window.ts';
export type { MonitoredFeature, ReferenceProfile } from './reference-profile.ts';
