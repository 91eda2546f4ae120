import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import { HOUR_MS } from '../../kernel/time.ts';
import type { TwoPoints } from './bet.ts';
import { smallestFound, unitsToAbort, unitsToClear } from './foresee.ts';
import { type JudgePlan, WHOLE_TRAFFIC } from './judge-plan.ts';
import { layoutOf } from './judge-state.ts';

export interface Traffic {
  /** Units of both versions. */
  readonly unitsPerHour: number;
  readonly canaryShare: number;
  /** Metric → the champion's mean, as it was before the rollout. */
  readonly baseRates: Readonly<Record<string, number>>;
  /** When the forecast is made. */
  readonly nowMs: number;
}

/** What is to be expected of one metric over the whole traffic; units are the canary's, probabilities 80 %. */
export interface MetricForecast {
  readonly metric: string;
  /** Until a canary that is no worse is cleared. Infinity if it never is. */
  readonly unitsToClear: number;
  readonly hoursToClear: number;
  /** The harm that was declared, or else the margin. */
  readonly harm: number;
  readonly unitsToAbort: number;
  readonly hoursToAbort: number;
  /** The smallest harm that is found by the deadline; undefined if none is. */
  readonly detectable?: number;
}

export interface Forecast {
  /** Canary units until a canary that is no worse is promoted: its slowest metric's, and the fewest of the plan. */
  readonly unitsNeeded: number;
  readonly hours: number;
  readonly metrics: readonly MetricForecast[];
  /** One line, for people. */
  readonly text: string;
}

const checkTraffic = ({ unitsPerHour, canaryShare, nowMs }: Traffic): void => {
  if (!(unitsPerHour >= 0 && Number.isFinite(unitsPerHour)))
    throw new InvalidRequestError(`unitsPerHour must be from 0, got ${showValue(unitsPerHour)}`);
  if (!(canaryShare > 0 && canaryShare < 1))
    throw new InvalidRequestError(`canaryShare must be in (0, 1), got ${showValue(canaryShare)}`);
  if (!Number.isFinite(nowMs)) throw new InvalidRequestError(`nowMs must be epoch ms, got ${showValue(nowMs)}`);
};

/** Outcomes of 0 and 1 are assumed: what varies less is decided sooner. */
const pointsAt = (metric: string, rate: number | undefined): TwoPoints => {
  if (rate === undefined || !(rate >= 0 && rate <= 1))
    throw new InvalidRequestError(`baseRates must have ${metric} in [0, 1], got ${showValue(rate)}`);
  return { rate: Math.min(0.999, Math.max(1e-6, rate)), size: 1 };
};

const tellHours = (hours: number): string =>
  hours < 48 ? `${Number(hours.toPrecision(2))} h` : `${Number((hours / 24).toPrecision(2))} days`;

const tellPromotion = (unitsNeeded: number, hours: number, givenHours: number): string => {
  const units = Number.isFinite(unitsNeeded) ? `${Math.ceil(unitsNeeded)} canary units, ` : '';
  if (hours <= givenHours) return `a canary that is no worse is promoted after ${units}${tellHours(hours)}`;
  const needed = Number.isFinite(hours)
    ? `needs ${units}${tellHours(hours)} to be promoted`
    : 'is never shown to be so';
  return `a canary that is no worse ${needed}: the deadline, in ${tellHours(givenHours)}, comes first`;
};

const tell = (forecasts: readonly MetricForecast[], unitsNeeded: number, hours: number, given: number): string => {
  const seen = forecasts.map(({ metric, detectable }) =>
    detectable === undefined ? `${metric}: no harm` : `${metric}: ${Number(detectable.toPrecision(2))}`,
  );
  return `${tellPromotion(unitsNeeded, hours, given)}; smallest harms that are found by the deadline: ${seen.join(', ')}`;
};

/**
 * The plan that a rollout prints at its start: expected time to a decision at this traffic and share. Approximate, by
 * Brownian motion: the decisions themselves do not rest on it.
 * @throws InvalidRequestError for a plan or traffic that cannot be.
 */
export const foretell = (plan: JudgePlan, traffic: Traffic): Forecast => {
  checkTraffic(traffic);
  const { canaryShare, unitsPerHour } = traffic;
  const givenHours = Math.max(0, plan.deadlineMs - traffic.nowMs) / HOUR_MS;
  const hoursOf = (units: number): number => (units === 0 ? 0 : units / (unitsPerHour * canaryShare));
  const whole = layoutOf(plan).cells.filter(({ slice }) => slice === WHOLE_TRAFFIC);
  const metrics = whole.map((judged): MetricForecast => {
    const { metric } = judged.betting;
    const champion = pointsAt(metric.name, traffic.baseRates[metric.name]);
    const harm = metric.smallestHarm ?? metric.margin;
    const clear =
      canaryShare * unitsToClear(judged.betting, { champion, difference: 0, canaryShare }, plan.alphaPromote);
    const abort = canaryShare * unitsToAbort(judged, { champion, difference: harm, canaryShare });
    const unitCount = unitsPerHour * givenHours;
    const detectable = smallestFound(judged, { champion, canaryShare, unitCount });
    return {
      metric: metric.name,
      unitsToClear: clear,
      hoursToClear: hoursOf(clear),
      harm,
      unitsToAbort: abort,
      hoursToAbort: hoursOf(abort),
      ...(detectable === undefined ? {} : { detectable }),
    };
  });
  const unitsNeeded = Math.max(plan.fewestUnits, ...metrics.map(({ unitsToClear: units }) => units));
  const hours = hoursOf(unitsNeeded);
  return { unitsNeeded, hours, metrics, text: tell(metrics, unitsNeeded, hours, givenHours) };
};
