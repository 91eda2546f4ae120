import { shortNumber } from '../reports/index.ts';
import { moments } from '../statistics/moments.ts';
import type { ReferenceRanges } from './reference-ranges.ts';
import type { CleanDayRate } from './test-report.ts';
import { isMissing, type Missing } from './test-value.ts';

/**
 * Upper limits of what a day measures, drawn from the reference's own days so that a day like them passes *all* tests of a
 * suite together at a known rate (README.md).
 */
export interface ReferenceLimits {
  readonly cleanDays: CleanDayRate;
  /** By test id; empty with too few days, `missing` where the days are too uneven for one. */
  readonly limits: ReadonlyMap<string, ReferenceLimit | Missing>;
}

export interface ReferenceLimit {
  readonly atMost: number;
  readonly basis: string;
}

export const FEWEST_REFERENCE_DAYS = 8;
/** Share of days like the reference's that pass, where there are days enough to tell: 99 or more. */
const WANTED_PASS_SHARE = 0.99;
/** The limit is never nearer to the mean than one deviation and one resolution. */
const LEAST_FACTOR = 1;

/** What a difference must be to matter, by check. */
const RESOLUTION: Readonly<Record<string, number>> = {
  'drifted-feature-share': 0.02,
  'feature-drift': 0.02,
  'prediction-drift': 0.02,
  'out-of-range-share': 0.001,
  'missing-share': 0.002,
  'new-category-share': 0.002,
};
/** Of counts: whole numbers need none, but a deviation of 0 must not divide. */
const COUNT_RESOLUTION = 1e-3;

const checkOf = (id: string): string => id.split('/', 1)[0] as string;
const isCount = (id: string): boolean => RESOLUTION[checkOf(id)] === undefined;
const resolutionOf = (id: string): number => RESOLUTION[checkOf(id)] ?? COUNT_RESOLUTION;

/** No share exceeds 1. */
const isShare = (id: string): boolean => checkOf(id).endsWith('-share');

interface Spread {
  readonly mean: number;
  /** Of a new value's distance from the mean, its resolution included. */
  readonly scale: number;
}

const spreadOf = (id: string, values: readonly number[]): Spread => {
  const { mean = 0, standardDeviation = 0, count = 1 } = moments(values) ?? {};
  return { mean, scale: standardDeviation * Math.sqrt(1 + 1 / count) + resolutionOf(id) };
};

/** How far the worst test of each day is from what the other days lead to expect. */
const worstByDay = (tests: readonly (readonly [id: string, values: readonly number[]])[]): readonly number[] => {
  const [first] = tests;
  return (first?.[1] ?? []).map((_, day) =>
    tests.reduce((worst, [id, values]) => {
      const { mean, scale } = spreadOf(id, values.toSpliced(day, 1));
      return Math.max(worst, ((values[day] as number) - mean) / scale);
    }, Number.NEGATIVE_INFINITY),
  );
};

const tooFew = (referenceDays: number): ReferenceLimits => ({
  limits: new Map(),
  cleanDays: {
    referenceDays,
    statement: `no condition was made from the reference: it has ${referenceDays} days, ${FEWEST_REFERENCE_DAYS} are needed`,
  },
});

const limitOf = (id: string, days: readonly number[], factor: number): ReferenceLimit | Missing => {
  const { mean, scale } = spreadOf(id, days);
  const bound = mean + factor * scale;
  const seen = `the reference's ${days.length} days measure ${shortNumber(mean)} on average and ${shortNumber(Math.max(...days))} at most`;
  if (isShare(id) && bound >= 1)
    return {
      missing: `${seen}; a limit that such days pass in all tests together would be ${shortNumber(bound)}, and no share exceeds 1`,
    };
  return {
    atMost: isCount(id) ? Math.floor(bound + 1e-9) : bound,
    basis: `${seen}; the limit is ${shortNumber(factor)} deviations above their mean`,
  };
};

/** @param ids of the tests that shall have a limit: the rate is of all of them together. */
export const referenceLimits = (
  { days, values }: Pick<ReferenceRanges, 'days' | 'values'>,
  ids: readonly string[],
): ReferenceLimits => {
  const dayCount = days.length;
  const tests = ids.flatMap((id) => (values[id] === undefined ? [] : [[id, values[id]] as const]));
  if (dayCount < FEWEST_REFERENCE_DAYS || tests.length === 0) return tooFew(dayCount);
  const worst = worstByDay(tests).toSorted((a, b) => a - b);
  const rank = Math.min(dayCount, Math.ceil(WANTED_PASS_SHARE * (dayCount + 1)));
  const factor = Math.max(LEAST_FACTOR, worst[rank - 1] as number);
  const passShare = rank / (dayCount + 1);
  const limits = tests.map(([id, of]) => [id, limitOf(id, of, factor)] as const);
  const count = limits.filter(([, limit]) => !isMissing(limit)).length;
  const statement =
    count === 0
      ? `no condition was made from the reference: its ${dayCount} days are too uneven`
      : `a day like the reference's ${dayCount} days passes all ${count} conditions that were made from them in at least ${shortNumber(100 * passShare)} % of cases, if days are drawn alike`;
  const rate = count === 0 ? {} : { passShare };
  return { limits: new Map(limits), cleanDays: { ...rate, referenceDays: dayCount, statement } };
};
