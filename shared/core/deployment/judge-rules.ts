import { MINUTE_MS } from '../../kernel/time.ts';
import { type JudgeMetric, type JudgePlan, type JudgeSlice, WHOLE_TRAFFIC } from '../judging/index.ts';
import type { DeclaredSlice } from './in-slice.ts';

/** How a rollout is looked at: frozen when it begins, so that a deploy in the middle changes nothing. */
export interface JudgeRules {
  /** Between two looks. */
  readonly lookMs: number;
  /** Share of failed requests that is too much where there is no champion to compare with, in (0, 1). */
  readonly errorBudget: number;
  readonly slices: readonly DeclaredSlice[];
  /** Predictions that count as 0 and as 1. */
  readonly outputScale?: readonly [low: number, high: number];
  /** Why something that was declared is not judged. */
  readonly notes: readonly string[];
}

interface Effect {
  readonly margin: number;
  readonly tolerated: number;
  readonly smallestHarm?: number | undefined;
  readonly weight: number;
}

/** What a model's definition says of its canaries, as far as the judge asks. */
export interface JudgedDeployment {
  readonly maxErrorShareIncrease: number;
  readonly judge?:
    | {
        readonly errors: Omit<Effect, 'margin'> & { readonly margin?: number | undefined };
        readonly slowness?: Effect | undefined;
        readonly prediction?: (Effect & { readonly scale?: readonly [number, number] | undefined }) | undefined;
        readonly slices: readonly (DeclaredSlice & { readonly weight: number })[];
        readonly alpha: number;
        readonly lookMinutes?: number | undefined;
        readonly deadlineMinutes?: number | undefined;
        readonly atDeadline: JudgePlan['atDeadline'];
        readonly fewestUnits: number;
      }
    | undefined;
}

export interface RolloutSteps {
  /** Of the first traffic. */
  readonly startedAtMs: number;
  /** Weights, rising, ending in 1. */
  readonly steps: readonly number[];
  readonly bakeMs: number;
  /** How long after the requests the evidence of them comes: the deadline waits for it. */
  readonly evidenceLagMs: number;
}

/** Latencies of the champion without which slowness is not judged. */
const FEWEST_LATENCIES = 200;

const UNDECLARED = {
  errors: { tolerated: 0, weight: 1 },
  slices: [],
  alpha: 0.05,
  atDeadline: 'promote',
  fewestUnits: 50,
} as const satisfies NonNullable<JudgedDeployment['judge']>;

const LEAST_LOOK_MS = 5 * MINUTE_MS;
const MOST_LOOK_MS = 30 * MINUTE_MS;
const LOOKS_A_STEP = 96;

/** A step of a day is looked at every quarter of an hour: an execution has 25,000 events of history, a look takes nine. */
export const lookMsOf = (bakeMs: number, lookMinutes?: number): number => {
  if (lookMinutes !== undefined) return lookMinutes * MINUTE_MS;
  return Math.min(bakeMs, MOST_LOOK_MS, Math.max(LEAST_LOOK_MS, bakeMs / LOOKS_A_STEP));
};

const metricOf = (
  name: string,
  { margin, tolerated, smallestHarm, weight }: Effect,
  rest: Pick<JudgeMetric, 'kind' | 'harm' | 'allocation'>,
): JudgeMetric => ({
  name,
  ...rest,
  margin,
  ...(tolerated === 0 ? {} : { tolerated }),
  ...(smallestHarm === undefined ? {} : { smallestHarm }),
  weight,
});

const shared = <Part extends { readonly weight: number }>(parts: readonly Part[], whole: number): readonly Part[] => {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return parts.map((part) => ({ ...part, weight: (part.weight * whole) / total }));
};

/** The whole traffic has half of alpha where slices are declared, all of it where none are. */
const slicePlan = (slices: readonly JudgeSlice[]): readonly JudgeSlice[] => [
  { name: WHOLE_TRAFFIC, weight: slices.length === 0 ? 1 : 0.5 },
  ...shared(
    slices.map(({ name, weight }) => ({ name, weight })),
    0.5,
  ),
];

/** A margin of 0 can be shown by no evidence: the nearest that can, which so many units never reach. */
const within = (margin: number): number => Math.min(0.999, Math.max(1e-4, margin));

/**
 * By what a rollout is judged, from what its model's definition says when it begins.
 * @param latencyCount of the champion's before the rollout: too few, and slowness is not judged.
 */
export const judgeRules = (
  { maxErrorShareIncrease, judge = UNDECLARED }: JudgedDeployment,
  { startedAtMs, steps, bakeMs, evidenceLagMs }: RolloutSteps,
  latencyCount: number,
): { readonly plan: JudgePlan; readonly rules: JudgeRules } => {
  const { errors, slices, alpha, lookMinutes, atDeadline, fewestUnits } = judge;
  const { slowness, prediction, deadlineMinutes } = judge as NonNullable<JudgedDeployment['judge']>;
  const margin = within(errors.margin ?? maxErrorShareIncrease);
  const slow = slowness !== undefined && latencyCount >= FEWEST_LATENCIES;
  const observed = { harm: 'increase', allocation: 'observed' } as const;
  const metrics = [
    metricOf('errors', { ...errors, margin }, { kind: 'share', harm: 'increase' }),
    ...(slow ? [metricOf('slow', slowness, { kind: 'share', ...observed })] : []),
    ...(prediction === undefined
      ? []
      : [metricOf('prediction', prediction, { kind: 'mean', ...observed, harm: 'either' })]),
  ];
  const stepsMs = bakeMs * steps.filter((weight) => weight < 1).length + evidenceLagMs;
  const note = `slowness is not judged: the champion has ${latencyCount} captured warm latencies of the day before, of ${FEWEST_LATENCIES} that it takes`;
  const notes = slowness !== undefined && !slow ? [note] : [];
  return {
    plan: {
      alphaAbort: alpha,
      alphaPromote: alpha,
      metrics: shared(metrics, 1),
      slices: slicePlan(slices),
      deadlineMs: startedAtMs + (deadlineMinutes === undefined ? stepsMs : deadlineMinutes * MINUTE_MS),
      atDeadline,
      fewestUnits,
    },
    rules: {
      lookMs: lookMsOf(bakeMs, lookMinutes),
      errorBudget: margin,
      slices: slices.map(({ name, where }) => ({ name, where })),
      ...(prediction === undefined ? {} : { outputScale: prediction.scale ?? [0, 1] }),
      notes,
    },
  };
};
