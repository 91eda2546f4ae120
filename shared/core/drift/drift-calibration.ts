import type { ShiftCurve } from './shift-curve.ts';

/** What of a column a component follows from day to day. */
export type DriftChange = 'level' | 'spread' | 'missing' | 'share';

/** Made at training by `calibrateDrift`, kept as JSON; a check needs nothing else of the reference. */
export interface DriftCalibration {
  readonly schemaVersion: 1;
  /** Changes with the reference; a state belongs to one calibration. */
  readonly id: string;
  readonly binsId: string;
  /** False with fewer than 8 blocks: the floor rule decides. */
  readonly calibrated: boolean;
  /** One line, for people: what the limit holds, or why there is none. */
  readonly statement: string;
  readonly referenceDays: number;
  readonly referenceRows: number;
  /** Declared, or longer where the days were found to depend on each other. */
  readonly blockDays: number;
  readonly blockCount: number;
  /** Declared by the settings; 365 / it is the average run length in days. */
  readonly falseAlarmsPerYear: number;
  readonly windowDays: number;
  readonly smallestEffect: number;
  /** An episode opens at a statistic from it on; absent when not calibrated. */
  readonly limit?: number;
  /** Episodes a year at that limit, in the virtual years that it was set by. */
  readonly expectedEpisodesPerYear?: number;
  /** By span: |statistic| that a component exceeds with probability 10^(−i/2) when nothing has changed. */
  readonly tails: readonly (readonly number[])[];
  readonly columns: readonly ColumnCodes[];
  /** Slices, the whole traffic (`all`) first, and what a usual day of each looks like. */
  readonly slices: readonly SliceBaseline[];
  /** By column, as the bins have them; for the floor rule. */
  readonly referenceCounts: Readonly<Record<string, readonly number[]>>;
}

/** How a day's counts of a column become components. */
export interface ColumnCodes {
  readonly name: string;
  readonly components: readonly ComponentCode[];
}

export interface ComponentCode {
  readonly change: DriftChange;
  /** The category, of a share; undefined for all that have no component of their own. */
  readonly category?: string;
  /** One value a bin: levels with mean 0 and variance 1 over the reference (level, spread), 1 for those counted (share). */
  readonly weights?: readonly number[];
  /** Of a level or spread: what a pure shift makes of the levels. */
  readonly curve?: ShiftCurve;
  /** Of a spread: by how much squares of the levels vary. */
  readonly scale?: number;
  /** By UTC hour of the whole traffic, less the mean over a usual day; absent without profiles by hour. */
  readonly byHour?: readonly number[];
}

export interface SliceBaseline {
  readonly name: string;
  /** Usual rows a day. */
  readonly rowsPerDay: number;
  /** In the order of columns and their components. */
  readonly components: readonly ComponentBaseline[];
}

export interface ComponentBaseline {
  /** Means by weekday, Sunday first; or one for all days. */
  readonly means: readonly number[];
  /** Variance from day to day beyond that of drawing rows. */
  readonly dayVariance: number;
  /** By span: standard deviation of the mean of standardised days, the reference's own error included. */
  readonly spread: readonly number[];
}
