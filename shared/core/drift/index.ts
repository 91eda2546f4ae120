export { calibrateDrift } from './calibrate-drift.ts';
export { type CheckInput, checkDrift } from './check-drift.ts';
export type { CountedTable } from './counted-table.ts';
export type { DriftCalibration, DriftChange } from './drift-calibration.ts';
export type { Contribution, DriftCheck, DriftFinding, DriftState, DriftStatus, OpenEpisode } from './drift-check.ts';
export type { DayProfile, DriftReference } from './drift-reference.ts';
export type { DriftSettings, FloorRule } from './drift-settings.ts';
