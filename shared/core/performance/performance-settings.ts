import type { QualitySettings } from './measure-with-intervals.ts';
import type { MetricName } from './performance-report.ts';

export interface DeclaredLimit {
  readonly metric: MetricName;
  /** `all`, or the name of a declared slice. */
  readonly slice: string;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
}

export interface DeclaredKpi {
  readonly name: string;
  readonly unit: string;
  readonly aggregate: 'mean' | 'sum';
}

/** How a model's performance is measured: as its definition declares it. */
export interface PerformanceSettings extends QualitySettings {
  /** Mature days that are measured together. */
  readonly windowDays: number;
  /** Days after a prediction's day through which its labels count. */
  readonly horizonDays: number;
  /** Share of the labels that will ever come, from which on a day is mature. */
  readonly matureShare: number;
  readonly orphanAfterHours: number;
  /** Labelled predictions of a window below which nothing is judged, and predictions of a day for an estimate. */
  readonly minRows: number;
  readonly slices: readonly string[];
  readonly limits: readonly DeclaredLimit[];
  /** Whether limits are drawn from the reference too. */
  readonly automaticLimits: boolean;
  /** Names of the fairness divisions, and the fewest rows of a group. */
  readonly fairness: { readonly by: readonly string[]; readonly minRows: number };
  readonly kpis: readonly DeclaredKpi[];
}
