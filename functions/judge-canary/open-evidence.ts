import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { floorMinute, judgeRules, lookMsOf } from '../../shared/core/deployment/index.ts';
import {
  type ArmOutcomes,
  type Forecast,
  foretell,
  type JudgePlan,
  NO_SEEN_UNITS,
  openJudge,
} from '../../shared/core/judging/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { RolloutEvidence } from '../../shared/ports/rollout-evidence.ts';
import type { JudgeDeps, Looked } from './deps.ts';
import { type CapturedBefore, NOTHING_BEFORE, readBefore } from './read-before.ts';
import { armsOf } from './rollout-arms.ts';
import { CAPTURE_LAG_MS } from './take-evidence.ts';

interface Opening extends Looked {
  readonly deployment: ModelDefinition['deployment'];
  readonly steps: readonly number[];
  readonly bakeMs: number;
  /** Of the first traffic. */
  readonly startedAtMs: number;
}

const HOURS_A_DAY = 24;
/** Of the champion's answers: what its p99 makes slow. */
const SLOW_SHARE = 0.01;

interface Before {
  readonly requestCount: number;
  readonly failureCount: number;
}

const forecastOf = (
  plan: JudgePlan,
  { requestCount, failureCount }: Before,
  { steps, startedAtMs, rollout }: Opening,
  { slowShare, meanOutput = 0.5 }: { readonly slowShare: number; readonly meanOutput?: number },
): Forecast => {
  const forecast = foretell(plan, {
    unitsPerHour: requestCount / HOURS_A_DAY,
    canaryShare: steps[0] ?? 1,
    baseRates: {
      errors: requestCount === 0 ? 0 : Math.min(1, failureCount / requestCount),
      slow: slowShare,
      prediction: meanOutput,
    },
    nowMs: startedAtMs,
  });
  if (rollout.previousVersion === undefined)
    return { ...forecast, text: 'nothing serves beside a first version: its failures are held against the budget' };
  const traffic = `${requestCount} requests on the day before`;
  return { ...forecast, text: `${traffic}: ${forecast.text}` };
};

/** The value that a hundredth of the latencies is above. */
const percentile99 = (latencies: readonly number[]): number | undefined =>
  latencies.toSorted((a, b) => a - b)[Math.ceil(0.99 * latencies.length) - 1];

const scaled = (outputs: readonly number[], [low, high]: readonly [number, number]): readonly number[] =>
  outputs.map((output) => Math.min(1, Math.max(0, (output - low) / (high - low))));

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the champion showed on the day before, by which the judge places its first bets. */
const outcomesBefore = (
  { requestCount, failureCount }: Before,
  { latencies, outputs }: CapturedBefore,
  outputScale: readonly [number, number] = [0, 1],
): Readonly<Record<string, ArmOutcomes>> => {
  const predictions = scaled(outputs, outputScale);
  const sumOfSquares = sumOf(predictions.map((value) => value * value));
  return {
    errors: { unitCount: requestCount, sum: failureCount },
    slow: { unitCount: latencies.length, sum: SLOW_SHARE * latencies.length },
    prediction: { unitCount: predictions.length, sum: sumOf(predictions), sumOfSquares },
  };
};

/** What a rollout is judged by, frozen: its plan, what is expected of it, and what the champion was like before. */
export const openEvidence = async (
  { metrics, captures }: Pick<JudgeDeps, 'metrics' | 'captures'>,
  opening: Opening,
): Promise<RolloutEvidence> => {
  const { rollout, functionName, deployment, steps, bakeMs, startedAtMs } = opening;
  const { model, rolloutId, previousLambdaVersion: lambdaVersion } = rollout;
  const toMs = floorMinute(startedAtMs);
  const fromMs = toMs - DAY_MS;
  const arms = armsOf(rollout);
  const before: Before =
    arms === undefined
      ? { requestCount: 0, failureCount: 0 }
      : await metrics.countRequests({ functionName, lambdaVersion, fromMs, toMs });
  const { slowness, prediction } = deployment.judge ?? {};
  const captured: CapturedBefore =
    arms === undefined || (slowness ?? prediction) === undefined
      ? NOTHING_BEFORE
      : await readBefore(captures, { model, lambdaVersion, fromMs, toMs });
  // Metrics are there minutes later, which a step of an hour has left over; captured lines are what all rests on.
  const evidenceLagMs = arms?.by === 'version' ? CAPTURE_LAG_MS + lookMsOf(bakeMs, deployment.judge?.lookMinutes) : 0;
  const course = { startedAtMs, steps, bakeMs, evidenceLagMs };
  const { plan: declared, rules } = judgeRules(deployment, course, captured.latencies.length);
  // Nothing can show that a first version is no worse: without harm it goes into service.
  const plan: JudgePlan = arms === undefined ? { ...declared, atDeadline: 'promote' } : declared;
  const isSlowJudged = plan.metrics.some(({ name }) => name === 'slow');
  const slowAboveMs = isSlowJudged ? percentile99(captured.latencies) : undefined;
  const predictions = rules.outputScale === undefined ? [] : scaled(captured.outputs, rules.outputScale);
  const meanOutput = predictions.length === 0 ? undefined : sumOf(predictions) / predictions.length;
  const { requestCount, failureCount } = before;
  return {
    model,
    rolloutId,
    plan,
    forecast: forecastOf(plan, before, opening, {
      slowShare: SLOW_SHARE,
      ...(meanOutput === undefined ? {} : { meanOutput }),
    }),
    ...(slowAboveMs === undefined ? {} : { slowAboveMs }),
    state: openJudge(plan, outcomesBefore(before, captured, rules.outputScale)),
    seenUnits: NO_SEEN_UNITS,
    rules,
    taken: {
      requestsThroughMs: toMs,
      capturedThroughMs: toMs,
      ...(arms === undefined ? { alone: { requestCount: 0, failureCount: 0 } } : {}),
      crashShareBefore: requestCount === 0 ? 0 : Math.min(1, failureCount / requestCount),
      leftOutCount: 0,
    },
    lookCount: 0,
  };
};
