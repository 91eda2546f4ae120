import type { DriftChange } from './drift-calibration.ts';

/** What running evidence needs between two checks: small, JSON, the same for the same days. */
export interface DriftState {
  readonly schemaVersion: 1;
  readonly calibrationId: string;
  /** The last day that it holds, YYYY-MM-DD. */
  readonly day: string;
  /** Running means of standardised days: slice by slice, component by component; fast and slow. Empty on the floor. */
  readonly means: readonly (readonly number[])[];
  /** Checks in a row above the floor rule's limit. */
  readonly checksAbove: number;
  readonly episode?: OpenEpisode;
}

export interface OpenEpisode {
  /** Day whose check opened it. */
  readonly since: string;
  /** Largest evidence so far. */
  readonly peak: number;
  /** Days in a row on which the evidence was quiet. */
  readonly quietDays: number;
}

export type DriftStatus = 'not-enough-evidence' | 'within-limit' | 'above-limit';

/** One change, of one column in one slice. */
export interface DriftFinding {
  readonly column: string;
  /** `all` is the whole traffic. */
  readonly slice: string;
  readonly change: DriftChange;
  readonly category?: string;
  /** In standard deviations of the reference (level, spread); of shares Cohen's h, 2·asin√p − 2·asin√q. */
  readonly effect: number;
  /** Days that the mean goes back over. */
  readonly spanDays: number;
  /** Standardised: 0 ± 1 when nothing has changed. */
  readonly statistic: number;
  /** Two-sided, against the virtual years; of this one component and span. */
  readonly pValue: number;
}

/** A column or a slice, with its part of all evidence of the named ones. The parts sum to 1. */
export interface Contribution {
  readonly name: string;
  readonly share: number;
}

/** What a day's check found. */
export interface DriftCheck {
  readonly schemaVersion: 1;
  readonly day: string;
  readonly calibrated: boolean;
  readonly status: DriftStatus;
  /** The decision as a sentence, with its numbers. */
  readonly reason: string;
  /** `statistic` ÷ `limit`: 1 or more raises the alarm; 0 without enough evidence. */
  readonly evidence: number;
  /** Calibrated: the largest standardised change; on the floor: PSI of the floor's column. Absent without enough evidence. */
  readonly statistic?: number;
  readonly limit: number;
  /** Open on this day, the first (`opened`) and last (`ended`) day included: one notification an episode. */
  readonly episode?: OpenEpisode & { readonly opened: boolean; readonly ended: boolean };
  /** The strongest changes, one a column and slice, whether or not there is an alarm; at most 20, strongest first. */
  readonly findings: readonly DriftFinding[];
  /** Inside an alarm: columns that false-discovery control names, by contribution. */
  readonly columns: readonly Contribution[];
  /** Inside an alarm: slices, by their part of the named columns' evidence. */
  readonly slices: readonly Contribution[];
  /** Days that were given and not judged, and why. */
  readonly leftOut: readonly { readonly day: string; readonly why: string }[];
}
