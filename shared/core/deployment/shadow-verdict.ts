import type { ShadowDay } from './shadow-day.ts';
import { fewestHits, signEvidence } from './sign-evidence.ts';

/** Chance that a decision, better or worse, is ever wrong. */
const SHADOW_ALPHA = 0.05;

export interface ShadowLimits {
  /** Labelled predictions below which a day does not count. */
  readonly minRows: number;
  /** Days after which what is undecided stays so. */
  readonly days: number;
  readonly labelDelayDays: number;
}

/** The comparison after a day. */
export interface ShadowRow {
  readonly day: string;
  readonly rowCount: number;
  readonly meanDifference: number;
  /** The confidence sequence of the median day's difference; without a bound while there are too few days. */
  readonly lower?: number;
  readonly upper?: number;
}

export interface ShadowVerdict {
  readonly decision: 'better' | 'worse' | 'not enough evidence';
  /** One line, for people. */
  readonly reason: string;
  /** The day that decided, and when its labels were in. */
  readonly decidedBy?: { readonly day: string; readonly atMs: number };
  /** Days that count, and those of them on which the challenger's loss was lower. */
  readonly dayCount: number;
  readonly betterDayCount: number;
  /** Over all rows of these days; absent without any. */
  readonly meanDifference?: number;
  readonly rows: readonly ShadowRow[];
}

/** Better and worse share alpha. */
const LIMIT = 2 / SHADOW_ALPHA;

const signsOf = (days: readonly ShadowDay[]) => ({
  better: days.filter(({ meanDifference }) => meanDifference < 0).length,
  worse: days.filter(({ meanDifference }) => meanDifference > 0).length,
});

const meanOf = (days: readonly ShadowDay[]): number => {
  const rowCount = days.reduce((sum, day) => sum + day.rowCount, 0);
  return days.reduce((sum, day) => sum + day.meanDifference * day.rowCount, 0) / rowCount;
};

/** A median of days at or beyond either bound would have been rejected: as many days lie above or below it. */
const boundsOf = (days: readonly ShadowDay[]): { readonly lower?: number; readonly upper?: number } => {
  const hits = fewestHits(days.length, LIMIT);
  if (hits === undefined) return {};
  const sorted = days.map(({ meanDifference }) => meanDifference).toSorted((a, b) => a - b);
  const [lower, upper] = [sorted[days.length - hits], sorted[hits - 1]];
  return lower === undefined || upper === undefined ? {} : { lower, upper };
};

const rowsOf = (days: readonly ShadowDay[]): readonly ShadowRow[] =>
  days.map(({ day, rowCount, meanDifference }, i) => ({
    day,
    rowCount,
    meanDifference,
    ...boundsOf(days.slice(0, i + 1)),
  }));

/** By the signs of the days so far; where rare large days outweigh them, nothing is decided yet. */
const decideAfter = (days: readonly ShadowDay[]): 'better' | 'worse' | undefined => {
  const { better, worse } = signsOf(days);
  if (signEvidence(days.length, better) >= LIMIT && meanOf(days) < 0) return 'better';
  if (signEvidence(days.length, worse) >= LIMIT && meanOf(days) > 0) return 'worse';
  return undefined;
};

const show = (value: number): string => String(Number(value.toPrecision(3)));

const whyUndecided = (
  all: readonly ShadowDay[],
  counted: readonly ShadowDay[],
  { minRows, days, labelDelayDays }: ShadowLimits,
): string => {
  if (all.length === 0) return `no day is compared yet: a day is, ${labelDelayDays} days after its end`;
  if (counted.length === 0) {
    const [labelled, scored] = all.reduce(
      ([rows, of], { rowCount, scoredCount = rowCount }) => [rows + rowCount, of + scoredCount],
      [0, 0],
    );
    return `labels came in time for ${labelled} of ${scored} predictions on ${all.length} days, and a day counts from ${minRows} on`;
  }
  const better = `the challenger was better on ${signsOf(counted).better} of ${counted.length} days`;
  return counted.length >= days ? `undecided after ${days} days: ${better}` : `${better}: they may differ either way`;
};

/**
 * What paired scoring says of a challenger. The sample is days, not rows: rows of a day share what the day was like. On
 * the null "each day, given the days before, the challenger is at most as likely to be the better one as not" it errs in
 * at most 5 % of all challengers, looked at after every day, whatever the losses' distribution: it needs no bound and no
 * normal days. (A bound of the loss is of no use here: a betting confidence sequence of a mean in [−1, 1], Waudby-Smith &
 * Ramdas 2024, takes thousands of days for a difference of a thousandth.) What it decides stands: later days only show.
 */
export const shadowVerdict = (days: readonly ShadowDay[], limits: ShadowLimits): ShadowVerdict => {
  const all = days.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const counted = all.filter(({ rowCount }) => rowCount >= limits.minRows).slice(0, limits.days);
  const { better } = signsOf(counted);
  const facts = {
    dayCount: counted.length,
    betterDayCount: better,
    ...(counted.length === 0 ? {} : { meanDifference: meanOf(counted) }),
    rows: rowsOf(counted),
  };
  for (const [i, { day, computedAtMs }] of counted.entries()) {
    const until = counted.slice(0, i + 1);
    const decision = decideAfter(until);
    if (decision === undefined) continue;
    const { lower = Number.NaN, upper = Number.NaN } = boundsOf(until);
    const signs = signsOf(until);
    const hits = decision === 'better' ? signs.better : signs.worse;
    const reason = `${decision} on ${hits} of ${until.length} days through ${day}: the median day’s loss differs by ${show(lower)} to ${show(upper)}, the mean by ${show(meanOf(until))}`;
    return { decision, reason, decidedBy: { day, atMs: computedAtMs }, ...facts };
  }
  return { decision: 'not enough evidence', reason: whyUndecided(all, counted, limits), ...facts };
};
