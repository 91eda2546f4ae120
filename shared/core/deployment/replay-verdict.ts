import type { ReplayPart } from './replay-parts.ts';
import type { ReplayedAnswer } from './score-captured.ts';

/** What a challenger's answers to captured inputs must be; a limit that is absent is not asked for. */
export interface ReplayLimits {
  readonly maxFailureShare: number;
  readonly maxMeanShift?: number | undefined;
  readonly maxChangedShare?: number | undefined;
  readonly maxSlowdown?: number | undefined;
}

export interface ReplayFindings {
  /** Rows that the challenger could be asked. */
  readonly comparableCount: number;
  /** Of these, rows that it failed on and the champion did not. */
  readonly failureCount: number;
  readonly parts: readonly ReplayPart[];
  readonly latency?: { readonly challengerMs: number; readonly championMs: number } | undefined;
}

/** Rows that only the challenger failed on: what both fail on is no difference. */
export const ownFailures = (
  challenger: readonly ReplayedAnswer[],
  champion: readonly ReplayedAnswer[] | undefined,
): number => challenger.filter((answer, i) => answer === 'failed' && champion?.[i] !== 'failed').length;

/** A number for people: enough digits to tell it from its limit. */
const show = (value: number): string => String(Number(value.toPrecision(3)));
const percent = (share: number): string => `${show(100 * share)} %`;

const where = (slice: string): string => (slice === 'all' ? '' : ` of slice ${slice}`);

const partReasons = (part: ReplayPart, { maxMeanShift, maxChangedShare }: ReplayLimits): readonly string[] => {
  const { slice, rowCount, meanDifference, changedShare } = part;
  const shifted = maxMeanShift !== undefined && Math.abs(meanDifference) > maxMeanShift;
  const changed = maxChangedShare !== undefined && changedShare > maxChangedShare;
  return [
    ...(shifted
      ? [
          `the mean prediction${where(slice)} moved by ${show(meanDifference)} over ${rowCount} captured inputs, allowed is ${show(maxMeanShift)}`,
        ]
      : []),
    ...(changed
      ? [
          `${percent(changedShare)} of the predictions${where(slice)} changed over ${rowCount} captured inputs, allowed are ${percent(maxChangedShare)}`,
        ]
      : []),
  ];
};

/** Why a challenger gets no traffic, one line each; none for one that may go on. */
export const replayReasons = (
  { comparableCount, failureCount, parts, latency }: ReplayFindings,
  limits: ReplayLimits,
): readonly string[] => {
  const { maxFailureShare, maxSlowdown } = limits;
  const fails = comparableCount > 0 && failureCount / comparableCount > maxFailureShare;
  const slow =
    maxSlowdown !== undefined && latency !== undefined && latency.challengerMs > maxSlowdown * latency.championMs;
  return [
    ...(fails
      ? [
          `it fails on ${failureCount} of ${comparableCount} captured inputs that were answered before, allowed are ${percent(maxFailureShare)}`,
        ]
      : []),
    ...parts.flatMap((part) => partReasons(part, limits)),
    ...(slow
      ? [
          `a row takes ${show(latency.challengerMs)} ms, the champion’s ${show(latency.championMs)} ms: more than ${show(maxSlowdown)} times as long`,
        ]
      : []),
  ];
};
