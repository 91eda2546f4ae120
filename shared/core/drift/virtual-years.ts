import { seededRandom } from '../explanation/index.ts';
import { type FittedComponent, type SpanTerms, spreadsOf } from './fit-baselines.ts';
import { clip, keptShare } from './spans.ts';

export const YEAR_DAYS = 365;
/** Statistics are counted in steps of 1/20, up to 20. */
export const TAIL_STEPS_PER_UNIT = 20;
/** Years that the tails are counted in. */
const TAIL_YEARS = 12;
const TAIL_STEPS = 20 * TAIL_STEPS_PER_UNIT;

export interface VirtualYears {
  /** Year by year, the largest statistic of each day among components whose effect matters. */
  readonly courses: readonly Float64Array[];
  /** By span, how many statistics of single components fell into each step. */
  readonly tails: readonly Float64Array[];
}

export interface VirtualPlan extends SpanTerms {
  readonly components: readonly FittedComponent[];
  readonly places: Int8Array;
  readonly smallestEffect: number;
  readonly yearCount: number;
  /** Blocks that a drawn one is mixed of: 1 repeats the reference's own, more smooth their few values. */
  readonly mixedBlocks: number;
  readonly seed: number;
}

type Random = () => number;

/** Which days of the reference a drawn course is of: `mixed` of them a day, each with a weight. */
interface Course {
  readonly from: Int32Array;
  readonly weights: Float64Array;
}

const drawNormal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Weights whose squares sum to 1, in a random direction: a mix has the covariances of a block. */
const drawWeights = (random: Random, count: number): readonly number[] => {
  if (count === 1) return [1];
  const drawn = Array.from({ length: count }, () => drawNormal(random));
  const norm = Math.sqrt(drawn.reduce((sum, one) => sum + one * one, 0));
  return drawn.map((one) => one / norm);
};

/** Blocks in a circle (Politis & Romano 1992): all columns and slices of a day stay together, and days of a block. */
const drawCourse = (random: Random, { dayCount, blockDays, mixedBlocks }: VirtualPlan, length: number): Course => {
  const from = new Int32Array(length * mixedBlocks);
  const weights = new Float64Array(length * mixedBlocks);
  for (let start = 0; start < length; start += blockDays) {
    const starts = Array.from({ length: mixedBlocks }, () => Math.floor(random() * dayCount));
    const drawn = drawWeights(random, mixedBlocks);
    for (let day = start; day < Math.min(length, start + blockDays); day += 1) {
      for (let part = 0; part < mixedBlocks; part += 1) {
        from[day * mixedBlocks + part] = ((starts[part] as number) + day - start) % dayCount;
        weights[day * mixedBlocks + part] = drawn[part] as number;
      }
    }
  }
  return { from, weights };
};

const fillCourse = (values: Float64Array, residuals: Float64Array, { from, weights }: Course): void => {
  const mixed = from.length / values.length;
  for (let day = 0; day < values.length; day += 1) {
    let sum = 0;
    for (let at = day * mixed; at < (day + 1) * mixed; at += 1)
      sum += (weights[at] as number) * (residuals[from[at] as number] as number);
    values[day] = sum;
  }
};

/** Takes the means of a drawn reference out of it, as `fitComponent` does. @returns them, and the deviation left. */
const refit = (
  values: Float64Array,
  { places, meanCount, dayCount }: VirtualPlan,
  rowNoise: number,
): { readonly means: Float64Array; readonly deviation: number } => {
  const means = new Float64Array(meanCount);
  const counts = new Float64Array(meanCount);
  for (let day = 0; day < dayCount; day += 1) {
    const place = places[day] as number;
    means[place] = (means[place] as number) + (values[day] as number);
    counts[place] = (counts[place] as number) + 1;
  }
  for (let place = 0; place < meanCount; place += 1)
    means[place] = (means[place] as number) / Math.max(1, counts[place] as number);
  let squares = 0;
  for (let day = 0; day < dayCount; day += 1) {
    values[day] = (values[day] as number) - (means[places[day] as number] as number);
    squares += (values[day] as number) ** 2;
  }
  return { means, deviation: Math.sqrt(Math.max(squares / Math.max(1, dayCount - meanCount), rowNoise)) };
};

/** In place: days become standardised days. */
const standardise = (
  values: Float64Array,
  { means, deviation }: { readonly means: Float64Array; readonly deviation: number },
): void => {
  const [places, scale] = [means.length, 1 / deviation];
  let place = 0;
  for (let day = 0; day < values.length; day += 1) {
    values[day] = ((values[day] as number) - (means[place] as number)) * scale;
    place = place + 1 === places ? 0 : place + 1;
  }
};

interface SpanPlay {
  readonly kept: number;
  readonly spread: number;
  /** A running mean that is less has no effect that matters. */
  readonly leastMean: number;
}

/** Raises a year's course to the statistics of one component over one span. */
const playSpan = (standardised: Float64Array, { kept, spread, leastMean }: SpanPlay, course: Float64Array): void => {
  const [added, scale, leastStatistic] = [1 - kept, 1 / spread, leastMean / spread];
  let mean = 0;
  for (let day = 0; day < standardised.length; day += 1) {
    const value = standardised[day] as number;
    mean = kept === 0 ? value : kept * mean + added * clip(value);
    const statistic = (mean < 0 ? -mean : mean) * scale;
    if (statistic > (course[day] as number) && statistic >= leastStatistic) course[day] = statistic;
  }
};

/** Counts the statistics of one component over one span, whatever their effect. */
const countTail = (standardised: Float64Array, { kept, spread }: SpanPlay, tail: Float64Array): void => {
  let mean = 0;
  for (let day = 0; day < standardised.length; day += 1) {
    const value = standardised[day] as number;
    mean = kept === 0 ? value : kept * mean + (1 - kept) * clip(value);
    const step = Math.min(TAIL_STEPS - 1, Math.floor((Math.abs(mean) * TAIL_STEPS_PER_UNIT) / spread));
    tail[step] = (tail[step] as number) + 1;
  }
};

/**
 * Years in which nothing changes, drawn from the reference's own days: each has a reference drawn of the same length,
 * fitted as the real one was, so that what the reference does not know is in the statistics too.
 */
export const drawVirtualYears = (plan: VirtualPlan): VirtualYears => {
  const { components, spans, dayCount, yearCount, smallestEffect, seed } = plan;
  const random = seededRandom(seed);
  const tails = spans.map(() => new Float64Array(TAIL_STEPS));
  const [drawn, year] = [new Float64Array(dayCount), new Float64Array(YEAR_DAYS)];
  const courses = Array.from({ length: yearCount }, (_, drawnYear) => {
    const course = new Float64Array(YEAR_DAYS);
    const [referenceDays, yearDays] = [drawCourse(random, plan, dayCount), drawCourse(random, plan, YEAR_DAYS)];
    for (const { residuals, rowNoise, deviation } of components) {
      fillCourse(drawn, residuals, referenceDays);
      const reference = refit(drawn, plan, rowNoise);
      fillCourse(year, residuals, yearDays);
      const leastMean = smallestEffect / (deviation * reference.deviation);
      standardise(year, reference);
      const spreads = spreadsOf(drawn, plan);
      spans.forEach((span, i) => {
        const terms = { kept: keptShare(span), spread: spreads[i] as number, leastMean };
        playSpan(year, terms, course);
        if (drawnYear < TAIL_YEARS) countTail(year, terms, tails[i] as Float64Array);
      });
    }
    return course;
  });
  return { courses, tails };
};
