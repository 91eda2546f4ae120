import type { DriftCalibration, DriftCheck } from '../drift/index.ts';
import { type DriftMetrics, type DriftStatus, type FloorFindings, tooFewRows, windowMetrics } from './detect-drift.ts';

/** By what a window was judged; see `DriftDecision` of the report. */
export interface Decision {
  readonly mode: 'calibrated' | 'floor';
  readonly statement: string;
  readonly evidence?: number;
  readonly statistic?: number;
  readonly limit: number;
  readonly falseAlarmsPerYear?: number;
  readonly expectedEpisodesPerYear?: number;
  readonly episode?: {
    readonly since: string;
    readonly opened: boolean;
    readonly ended: boolean;
    readonly peak: number;
  };
  readonly findings: DriftCheck['findings'];
  readonly columns: DriftCheck['columns'];
  readonly slices: DriftCheck['slices'];
}

export interface DecidedWindow {
  readonly status: DriftStatus;
  readonly reason: string;
  readonly metrics: DriftMetrics;
  readonly decision: Decision;
}

/** A version's calibration, and what the check by it found. */
export interface CalibratedCheck {
  readonly calibration: DriftCalibration;
  readonly check: DriftCheck;
}

const OLD_VERSION = 'limit not calibrated: the version was trained before there were profiles by day';

const nothingFound = { findings: [], columns: [], slices: [] } as const;

const byFloor = ({ status, reason, metrics, limits }: FloorFindings, statement: string): DecidedWindow => ({
  status,
  reason,
  metrics,
  decision: {
    mode: 'floor',
    statement,
    ...(metrics.driftEvidence === undefined ? {} : { evidence: metrics.driftEvidence }),
    ...(metrics.predictionPsi === undefined ? {} : { statistic: metrics.predictionPsi }),
    limit: limits.predictionPsiLimit,
    ...nothingFound,
  },
});

const byLimit = (floor: FloorFindings, { calibration, check }: CalibratedCheck): DecidedWindow => {
  const missing = tooFewRows(floor.rowCount, floor.limits);
  const isKnown = missing === undefined && check.status !== 'not-enough-evidence';
  const { episode, findings, columns, slices, statistic, limit, evidence } = check;
  const { falseAlarmsPerYear, expectedEpisodesPerYear, statement } = calibration;
  const metrics = windowMetrics(floor.rowCount, floor.comparison, missing === undefined);
  return {
    status: isKnown ? check.status : 'not-enough-evidence',
    reason: missing ?? check.reason,
    metrics: isKnown ? { ...metrics, driftEvidence: evidence } : metrics,
    decision: {
      mode: 'calibrated',
      statement,
      ...(isKnown ? { evidence, ...(statistic === undefined ? {} : { statistic }) } : {}),
      limit,
      falseAlarmsPerYear,
      ...(expectedEpisodesPerYear === undefined ? {} : { expectedEpisodesPerYear }),
      ...(episode === undefined
        ? {}
        : { episode: { since: episode.since, opened: episode.opened, ended: episode.ended, peak: episode.peak } }),
      findings,
      columns,
      slices,
    },
  };
};

/**
 * The decision of a day's check: by the limit that was calibrated, or by the floor's where none could be, and of versions
 * from before there were profiles by day. Fewer predictions than `minRows` decide nothing either way.
 */
export const decideWindow = (floor: FloorFindings, checked: CalibratedCheck | undefined): DecidedWindow => {
  if (checked === undefined) return byFloor(floor, OLD_VERSION);
  return checked.check.calibrated ? byLimit(floor, checked) : byFloor(floor, checked.calibration.statement);
};
