import { autocorrelations, inflationOf } from './day-dependence.ts';
import type { ComponentBaseline } from './drift-calibration.ts';
import type { DayScores } from './score-day.ts';
import { keptShare } from './spans.ts';

/** The days of one slice, and to which mean each belongs. */
export interface SliceDays {
  /** One entry a day of the reference; undefined for a day without rows. */
  readonly days: readonly (DayScores | undefined)[];
  readonly places: Int8Array;
  readonly meanCount: number;
}

export interface FittedComponent extends Pick<ComponentBaseline, 'means' | 'dayVariance'> {
  /** Standardised days, corrected for the means that were taken from them; 0 for days without rows. */
  readonly residuals: Float64Array;
  /** Part of a usual day's variance that drawing its rows makes: no day varies less. */
  readonly rowNoise: number;
  /** Standard deviation of a usual day. */
  readonly deviation: number;
}

/** Means by place; a place with fewer than two days takes the mean of all. */
const meansOf = (scores: Float64Array, { places, meanCount }: SliceDays): readonly number[] => {
  const sums = new Float64Array(meanCount);
  const counts = new Float64Array(meanCount);
  let [sum, count] = [0, 0];
  scores.forEach((score, day) => {
    if (Number.isNaN(score)) return;
    const place = places[day] as number;
    sums[place] = (sums[place] as number) + score;
    counts[place] = (counts[place] as number) + 1;
    sum += score;
    count += 1;
  });
  return Array.from(sums, (of, place) =>
    (counts[place] as number) >= 2 ? of / (counts[place] as number) : sum / Math.max(1, count),
  );
};

/** What a usual day of one component is like, and how far each day of the reference was from it. */
export const fitComponent = (slice: SliceDays, component: number): FittedComponent => {
  const scores = Float64Array.from(slice.days, (day) => day?.scores[component] ?? Number.NaN);
  const means = meansOf(scores, slice);
  let [count, squares, noise] = [0, 0, 0];
  scores.forEach((score, day) => {
    if (Number.isNaN(score)) return;
    count += 1;
    squares += (score - (means[slice.places[day] as number] as number)) ** 2;
    noise += 1 / (slice.days[day]?.rows[component] ?? 1);
  });
  const freedom = Math.max(1, count - slice.meanCount);
  const meanNoise = noise / Math.max(1, count);
  const dayVariance = Math.max(0, squares / freedom - meanNoise);
  const correction = Math.sqrt(count / freedom);
  const residuals = scores.map((score, day) => {
    if (Number.isNaN(score)) return 0;
    const variance = dayVariance + 1 / (slice.days[day]?.rows[component] ?? 1);
    return ((score - (means[slice.places[day] as number] as number)) / Math.sqrt(variance)) * correction;
  });
  const deviation = Math.sqrt(dayVariance + meanNoise);
  return { means, dayVariance, residuals, rowNoise: meanNoise / (dayVariance + meanNoise), deviation };
};

/** The part of a component's own autocorrelation that is believed; the rest is that of all components. */
const OWN_PART = 0.5;

/** What standardises the running means of a component. */
export interface SpanTerms {
  readonly spans: readonly number[];
  readonly dayCount: number;
  readonly meanCount: number;
  readonly blockDays: number;
  /** By span, of all components. */
  readonly pooledInflations: readonly number[];
}

/** The variance that the reference's means bring into a running mean: (Σ of its squared weights by place) · means / days. */
const referenceError = (kept: number, { dayCount, meanCount }: SpanTerms): number => {
  if (meanCount === 1) return 1 / dayCount;
  const whole = kept === 0 ? 1 : (1 - kept) / (1 - kept ** meanCount);
  let squares = 0;
  for (let place = 0; place < meanCount; place += 1) squares += (whole * kept ** place) ** 2;
  return (squares * meanCount) / dayCount;
};

/** By span, the standard deviation of the running mean of standardised days, for a component with these residuals. */
export const spreadsOf = (residuals: ArrayLike<number>, terms: SpanTerms): Float64Array => {
  const { spans, blockDays, pooledInflations } = terms;
  const own = autocorrelations(residuals, blockDays - 1);
  return Float64Array.from(spans, (span, i) => {
    const kept = keptShare(span);
    const mixed = OWN_PART * inflationOf(own, kept, blockDays) + (1 - OWN_PART) * (pooledInflations[i] ?? 1);
    return Math.sqrt(Math.max(1, mixed) * (1 / span + referenceError(kept, terms)));
  });
};

/**
 * As `spreadsOf`, and no less than if days followed an autoregression of order 1: drawn blocks leave out the dependence
 * between blocks, which the days to come will have.
 * @param correlation of a day with the one before, as of the more dependent components.
 */
export const widerSpreadsOf = (residuals: ArrayLike<number>, terms: SpanTerms, correlation: number): Float64Array => {
  // Taking means out makes autocorrelations too small, by about this.
  const bias = (1 + terms.meanCount / 2) / terms.dayCount;
  const own = (autocorrelations(residuals, 1)[0] ?? 0) + bias;
  const memory = Math.min(0.8, Math.max(0, correlation, OWN_PART * own + (1 - OWN_PART) * correlation));
  return spreadsOf(residuals, terms).map((spread, i) => {
    const kept = keptShare(terms.spans[i] as number);
    const inflation = (1 + kept * memory) / (1 - kept * memory);
    return Math.max(spread, Math.sqrt(inflation * (1 / (terms.spans[i] as number) + referenceError(kept, terms))));
  });
};
