import { isoTime } from '../../kernel/time.ts';
import { compareToReference, type WindowComparison } from './compare-to-reference.ts';
import type { WindowProfile } from './profile-window.ts';
import type { ReferenceProfile } from './reference-profile.ts';

export interface DriftLimits {
  readonly windowDays: number;
  readonly minRows: number;
  readonly predictionPsiLimit: number;
}

export type DriftStatus = 'not-enough-evidence' | 'within-limit' | 'above-limit';

/** Numbers by the keys of `METRIC_NAMES`; what is not known is absent, so that nothing is published for it. */
export interface DriftMetrics {
  readonly windowRows: number;
  readonly predictionPsi?: number;
  readonly featurePsiMax?: number;
  readonly missingShareMax?: number;
  readonly outOfRangeShareMax?: number;
  readonly loss?: number;
  readonly auc?: number;
}

export interface DriftReport {
  readonly schemaVersion: 1;
  readonly status: DriftStatus;
  /** The decision as a sentence, with its numbers. */
  readonly reason: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rowCount: number;
  readonly dayCount: number;
  readonly limits: DriftLimits;
  /** How often the same rule speaks up when nothing has changed: measured on the reference's own windows. */
  readonly nullWindows: { readonly windowCount: number; readonly aboveLimitCount: number; readonly psiMax: number };
  readonly comparison: WindowComparison;
  readonly metrics: DriftMetrics;
}

/**
 * Days with rows that a window needs: five in seven, which allows for a weekend without traffic. The first days of a
 * model in service are no trailing window yet: one day differs from a month by its weather alone.
 */
const minDayCount = (windowDays: number): number => Math.ceil((windowDays * 5) / 7);

const format = (value: number): string => value.toFixed(3);

const nullWindowsOf = (reference: ReferenceProfile, limit: number): DriftReport['nullWindows'] => {
  const values = reference.nullWindows.predictionPsi;
  return {
    windowCount: values.length,
    aboveLimitCount: values.filter((psi) => psi > limit).length,
    psiMax: values.reduce((max, psi) => Math.max(max, psi), 0),
  };
};

const missingEvidence = ({ rowCount, dayCount }: WindowProfile, limits: DriftLimits): string | undefined => {
  if (rowCount < limits.minRows)
    return `not enough evidence yet: ${rowCount} predictions of at least ${limits.minRows}`;
  const days = minDayCount(limits.windowDays);
  return dayCount < days ? `not enough evidence yet: predictions on ${dayCount} days of at least ${days}` : undefined;
};

const metricsOf = (window: WindowProfile, found: WindowComparison, enough: boolean): DriftMetrics => {
  if (!enough) return { windowRows: window.rowCount };
  const { predictionPsi, featurePsiMax, missingShareMax, outOfRangeShareMax, quality } = found;
  return {
    windowRows: window.rowCount,
    ...(predictionPsi === undefined ? {} : { predictionPsi }),
    featurePsiMax,
    missingShareMax,
    outOfRangeShareMax,
    ...(quality ? { loss: quality.loss } : {}),
    ...(quality?.auc === undefined ? {} : { auc: quality.auc }),
  };
};

/**
 * Decides one drift check: `above-limit` when the PSI of the prediction over the window exceeds the limit, and
 * `not-enough-evidence` below `minRows` predictions or `minDayCount` days. Features are reported, not decided on: a
 * calm day moves most of them. How many checks in a row raise the alarm is the alarm's own setting.
 */
export const detectDrift = ({
  reference,
  window,
  limits,
}: {
  readonly reference: ReferenceProfile;
  readonly window: WindowProfile;
  readonly limits: DriftLimits;
}): DriftReport => {
  const comparison = compareToReference(reference, window);
  const limit = limits.predictionPsiLimit;
  const nullWindows = nullWindowsOf(reference, limit);
  const missing = missingEvidence(window, limits);
  const psi = comparison.predictionPsi ?? 0;
  const status = missing ? 'not-enough-evidence' : psi > limit ? 'above-limit' : 'within-limit';
  const expectation = `of the reference's own ${nullWindows.windowCount} windows ${nullWindows.aboveLimitCount} are above it, the largest ${format(nullWindows.psiMax)}`;
  const reason =
    missing ??
    `the prediction's PSI over ${isoTime(window.fromMs)} to ${isoTime(window.toMs)} is ${format(psi)}, ${status === 'above-limit' ? 'above' : 'within'} the limit ${limit} (${expectation})`;
  return {
    schemaVersion: 1,
    status,
    reason,
    fromMs: window.fromMs,
    toMs: window.toMs,
    rowCount: window.rowCount,
    dayCount: window.dayCount,
    limits,
    nullWindows,
    comparison,
    metrics: metricsOf(window, comparison, missing === undefined),
  };
};
