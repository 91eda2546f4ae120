import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';

/** What is compared between canary and champion: the mean of an outcome in [0, 1] over units. */
export interface JudgeMetric {
  readonly name: string;
  /** A share is a mean of outcomes that are nearly all 0 or 1; it is told in percent. */
  readonly kind: 'share' | 'mean';
  /** What may be held against the canary: a higher mean, or any other. */
  readonly harm: 'increase' | 'either';
  /** Largest tolerated worsening for a promotion, absolute, in (0, 1). */
  readonly margin: number;
  /** Absolute worsening that matters, in (0, 1): it is found soonest. Without it all sizes are looked for alike. */
  readonly smallestHarm?: number;
  /**
   * Worsening that is held against no canary, absolute, from 0 up to the margin: one that any new version shows, such as
   * slowness while it is compiled. @default 0
   */
  readonly tolerated?: number;
  /** Share of `alphaAbort`; those of all metrics add up to 1. */
  readonly weight: number;
  /**
   * Whether the metric has a value for every unit, whichever version it met ('drawn'), or only for some of them, such
   * as those that met a warm environment ('observed'). @default 'drawn'
   */
  readonly allocation?: 'drawn' | 'observed';
}

/** A declared part of the traffic, by what is known before a version answers. */
export interface JudgeSlice {
  /** `all` is the whole traffic. */
  readonly name: string;
  /** Share of `alphaAbort`; those of all slices add up to 1. */
  readonly weight: number;
}

export interface JudgePlan {
  /** Chance that a canary which is not worse is ever aborted, over all metrics, slices and looks; in (0, 0.5]. */
  readonly alphaAbort: number;
  /** Chance that a canary which is worse by a metric's margin is ever promoted; in (0, 0.5]. */
  readonly alphaPromote: number;
  readonly metrics: readonly JudgeMetric[];
  readonly slices: readonly JudgeSlice[];
  /** Epoch ms. */
  readonly deadlineMs: number;
  readonly atDeadline: 'promote' | 'roll back' | 'hold';
  /** Canary units below which nothing is promoted. */
  readonly fewestUnits: number;
}

export const WHOLE_TRAFFIC = 'all';

/** Units × metrics × slices that the evidence item has room for: 32 KB. */
const MOST_CELLS = 84;

const refuse = (what: string): never => {
  throw new InvalidRequestError(what);
};

const checkShare = (name: string, value: number, most: number): void => {
  if (!(value > 0 && value <= most)) refuse(`${name} must be in (0, ${most}], got ${showValue(value)}`);
};

const checkWeights = (what: string, parts: readonly { readonly name: string; readonly weight: number }[]): void => {
  if (parts.length === 0) refuse(`a judge needs at least one of its ${what}`);
  const names = new Set(parts.map(({ name }) => name));
  if (names.size < parts.length)
    refuse(`${what} must have different names, got ${showValue([...parts.map((p) => p.name)])}`);
  for (const { name, weight } of parts) checkShare(`weight of ${name}`, weight, 1);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (Math.abs(total - 1) > 1e-9) refuse(`weights of ${what} must add up to 1, got ${Number(total.toPrecision(12))}`);
};

const checkEffects = ({ name, margin, smallestHarm, tolerated = 0 }: JudgeMetric): void => {
  if (!(margin > 0 && margin < 1)) refuse(`margin of ${name} must be in (0, 1), got ${showValue(margin)}`);
  if (!(tolerated >= 0 && tolerated <= margin))
    refuse(`tolerated of ${name} must be in [0, margin ${margin}], got ${showValue(tolerated)}`);
  if (smallestHarm !== undefined && !(smallestHarm > tolerated && smallestHarm < 1))
    refuse(`smallestHarm of ${name} must be in (${tolerated}, 1), got ${showValue(smallestHarm)}`);
};

const checkMetric = (metric: JudgeMetric): void => {
  const { name, kind, harm, allocation = 'drawn' } = metric;
  if (kind !== 'share' && kind !== 'mean') refuse(`kind of ${name} must be share or mean, got ${showValue(kind)}`);
  if (harm !== 'increase' && harm !== 'either')
    refuse(`harm of ${name} must be increase or either, got ${showValue(harm)}`);
  if (allocation !== 'drawn' && allocation !== 'observed')
    refuse(`allocation of ${name} must be drawn or observed, got ${showValue(allocation)}`);
  checkEffects(metric);
};

/** @throws InvalidRequestError that names the field, its value and what is allowed. */
export const checkPlan = (plan: JudgePlan): void => {
  checkShare('alphaAbort', plan.alphaAbort, 0.5);
  checkShare('alphaPromote', plan.alphaPromote, 0.5);
  checkWeights('metrics', plan.metrics);
  checkWeights('slices', plan.slices);
  plan.metrics.forEach(checkMetric);
  if (!plan.slices.some(({ name }) => name === WHOLE_TRAFFIC))
    refuse(`slices must contain ${WHOLE_TRAFFIC}, got ${showValue(plan.slices.map(({ name }) => name))}`);
  const cellCount = plan.metrics.length * plan.slices.length;
  if (cellCount > MOST_CELLS) refuse(`metrics × slices must be at most ${MOST_CELLS}, got ${cellCount}`);
  if (!['promote', 'roll back', 'hold'].includes(plan.atDeadline))
    refuse(`atDeadline must be promote, roll back or hold, got ${showValue(plan.atDeadline)}`);
  if (!Number.isFinite(plan.deadlineMs)) refuse(`deadlineMs must be epoch ms, got ${showValue(plan.deadlineMs)}`);
  if (!(Number.isInteger(plan.fewestUnits) && plan.fewestUnits >= 0))
    refuse(`fewestUnits must be an integer from 0, got ${showValue(plan.fewestUnits)}`);
};
