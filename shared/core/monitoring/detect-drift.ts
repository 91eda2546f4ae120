import { utcDay } from '../../kernel/time.ts';
import { compareToReference, type WindowComparison } from './compare-to-reference.ts';
import type { CountedReference } from './counted-reference.ts';
import type { DriftWindow } from './drift-window.ts';

export interface DriftLimits {
  readonly windowDays: number;
  readonly minRows: number;
  readonly predictionPsiLimit: number;
}

export type DriftStatus = 'not-enough-evidence' | 'within-limit' | 'above-limit';

/** Numbers of a check; what is not known is absent, so that nothing is published for it. */
export interface DriftMetrics {
  readonly windowRows: number;
  /** Statistic ÷ limit. */
  readonly driftEvidence?: number;
  readonly predictionPsi?: number;
  readonly featurePsiMax?: number;
  readonly missingShareMax?: number;
  readonly outOfRangeShareMax?: number;
}

/** What the rule of the floor says of a window: it needs no more of a reference than counts. */
export interface FloorFindings {
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

const nullWindowsOf = (reference: CountedReference, limit: number): FloorFindings['nullWindows'] => {
  const values = reference.nullWindows.predictionPsi;
  return {
    windowCount: values.length,
    aboveLimitCount: values.filter((psi) => psi > limit).length,
    psiMax: values.reduce((max, psi) => Math.max(max, psi), 0),
  };
};

/** Why too few predictions came to say anything; undefined when enough did. */
export const tooFewRows = (rowCount: number, { minRows }: Pick<DriftLimits, 'minRows'>): string | undefined =>
  rowCount < minRows ? `not enough evidence yet: ${rowCount} predictions of at least ${minRows}` : undefined;

const missingEvidence = (rowCount: number, dayCount: number, limits: DriftLimits): string | undefined => {
  const tooFew = tooFewRows(rowCount, limits);
  if (tooFew !== undefined) return tooFew;
  const days = minDayCount(limits.windowDays);
  return dayCount < days ? `not enough evidence yet: predictions on ${dayCount} days of at least ${days}` : undefined;
};

/** What is published of a window; of one with too few predictions how many they are, and no more. */
export const windowMetrics = (windowRows: number, found: WindowComparison, enough: boolean): DriftMetrics => {
  if (!enough) return { windowRows };
  const { predictionPsi, featurePsiMax, missingShareMax, outOfRangeShareMax } = found;
  return {
    windowRows,
    ...(predictionPsi === undefined ? {} : { predictionPsi }),
    featurePsiMax,
    missingShareMax,
    outOfRangeShareMax,
  };
};

/** Exact at the limit: above 1 means above it, and nothing else does. */
const evidenceOf = (psi: number, limit: number): number =>
  psi > limit ? Math.max(psi / limit, 1 + Number.EPSILON) : Math.min(psi / limit, 1 - Number.EPSILON);

/**
 * Decides one drift check where no limit could be calibrated: `above-limit` when the PSI of the prediction over the window
 * exceeds the limit, and `not-enough-evidence` below `minRows` predictions or `minDayCount` days. Features are reported,
 * not decided on: a calm day moves most of them. How many checks in a row raise the alarm is the alarm's own setting.
 * @throws InvalidRequestError when the window was counted by other bins.
 */
export const detectDrift = ({
  reference,
  window,
  limits,
}: {
  readonly reference: CountedReference;
  readonly window: DriftWindow;
  readonly limits: DriftLimits;
}): FloorFindings => {
  const comparison = compareToReference(reference, window);
  const { fromMs, toMs } = window;
  const { rowCount } = window.whole;
  const dayCount = window.days.filter(({ rowsByHour }) => rowsByHour.some((count) => count > 0)).length;
  const limit = limits.predictionPsiLimit;
  const nullWindows = nullWindowsOf(reference, limit);
  const missing = missingEvidence(rowCount, dayCount, limits);
  const psi = comparison.predictionPsi ?? 0;
  const status = missing ? 'not-enough-evidence' : psi > limit ? 'above-limit' : 'within-limit';
  const expectation = `of the reference's own ${nullWindows.windowCount} windows ${nullWindows.aboveLimitCount} are above it, the largest ${format(nullWindows.psiMax)}`;
  const reason =
    missing ??
    `the prediction's PSI over ${utcDay(fromMs)} to ${utcDay(toMs - 1)} is ${format(psi)}, ${status === 'above-limit' ? 'above' : 'within'} the limit ${limit} (${expectation})`;
  const metrics = windowMetrics(rowCount, comparison, missing === undefined);
  return {
    status,
    reason,
    fromMs,
    toMs,
    rowCount,
    dayCount,
    limits,
    nullWindows,
    comparison,
    metrics: missing === undefined ? { ...metrics, driftEvidence: evidenceOf(psi, limit) } : metrics,
  };
};
