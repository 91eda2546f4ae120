import type { Rollout } from '../../../../shared/core/registry/index.ts';
import { SECOND_MS } from '../../../../shared/kernel/time.ts';
import type { TimedEffect } from '../effects.ts';
import type { ModelFacts } from '../facts.ts';
import type { AskedRequest } from './callers.ts';
import type { DayFacts } from './day-facts.ts';

/** Where a model's traffic went, by what was written and by what callers were answered. */

type Moved = Extract<TimedEffect, { readonly kind: 'alias' | 'plan' }>;
type Moves = Pick<DayFacts, 'effects' | 'models'>;

const movesOf = ({ effects }: Moves, model: string): readonly Moved[] =>
  effects.filter(
    (effect): effect is Moved => (effect.kind === 'alias' || effect.kind === 'plan') && effect.model === model,
  );

interface Standing {
  readonly alias: ModelFacts['alias'];
  readonly shares: Readonly<Record<string, number>>;
}

/** Before anything was moved the alias points at what waits for a first version. */
const UNMOVED: Standing = { alias: { lambdaVersion: '1', weights: {} }, shares: {} };

const after = (standing: Standing, moved: Moved): Standing =>
  moved.kind === 'plan' ? { ...standing, shares: moved.shares } : { ...standing, alias: moved };

/** Whether a rollout's version has a part of the traffic: by the alias, and where a plan divides, by both. */
const hasTraffic = (
  { alias, shares }: Standing,
  { version, lambdaVersion, kind, routing }: Pick<Rollout, 'version' | 'lambdaVersion' | 'kind' | 'routing'>,
): boolean => {
  if (lambdaVersion === undefined) return false;
  const byAlias = alias.lambdaVersion === lambdaVersion || (alias.weights[lambdaVersion] ?? 0) > 0;
  const byPlan = routing === undefined || kind === 'code' || (shares[version] ?? 0) > 0;
  return byAlias && byPlan;
};

/**
 * When a rollout's version had no traffic any more, as alias and plan say, at or after an instant: the instant itself
 * where it had none then.
 */
export const restoredAfter = (
  facts: Moves,
  { model, rolloutId, atMs }: { readonly model: string; readonly rolloutId: string; readonly atMs: number },
): number | undefined => {
  const rollout = facts.models.find(({ name }) => name === model)?.rollouts.find((one) => one.rolloutId === rolloutId);
  if (rollout === undefined) return atMs;
  let standing = UNMOVED;
  for (const moved of movesOf(facts, model)) {
    if (moved.atMs > atMs && !hasTraffic(standing, rollout)) return atMs;
    standing = after(standing, moved);
    if (moved.atMs > atMs && !hasTraffic(standing, rollout)) return moved.atMs;
  }
  return hasTraffic(standing, rollout) ? undefined : atMs;
};

/** Requests that a rolled-back version answered all the same; none where it was rolled out once more. */
export const answeredLate = (
  { models, requests }: Pick<DayFacts, 'models' | 'requests'>,
  { model, rolloutId, afterMs }: { readonly model: string; readonly rolloutId: string; readonly afterMs: number },
): readonly AskedRequest[] => {
  const rollouts = models.find(({ name }) => name === model)?.rollouts ?? [];
  const rollout = rollouts.find((one) => one.rolloutId === rolloutId);
  if (rollout === undefined || rollout.kind === 'code') return [];
  const { version, startedAtMs } = rollout;
  if (rollouts.some((other) => other.version === version && other.startedAtMs > startedAtMs)) return [];
  return requests.filter((one) => one.model === model && one.version === version && one.askedAtMs > afterMs);
};

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Until every environment has heard of a plan: one is used for five seconds, and where a fault ends the reading of the
 * next, until the environment's next request.
 */
const HEARD_WITHIN_MS = 30 * SECOND_MS;

/** Spans in which every environment divides by the same plan. */
const settledSpans = (changesAtMs: readonly number[]): readonly Span[] =>
  changesAtMs.map((atMs, i) => ({
    fromMs: atMs + HEARD_WITHIN_MS,
    toMs: changesAtMs[i + 1] ?? Number.POSITIVE_INFINITY,
  }));

const byUnit = (requests: readonly AskedRequest[]): ReadonlyMap<string, readonly AskedRequest[]> => {
  const units = new Map<string, AskedRequest[]>();
  for (const request of requests) {
    if (request.unit === undefined || request.version === undefined) continue;
    const own = units.get(request.unit) ?? [];
    own.push(request);
    units.set(request.unit, own);
  }
  return units;
};

const inSpan = (requests: readonly AskedRequest[], { fromMs, toMs }: Span): readonly AskedRequest[] =>
  requests.filter(({ askedAtMs, answeredAtMs }) => askedAtMs >= fromMs && answeredAtMs < toMs);

const versionsIn = (requests: readonly AskedRequest[]): readonly number[] => [
  ...new Set(requests.map(({ version = 0 }) => version)),
];

interface Answer {
  readonly version: number;
  /** The plan's place in the row of plans. */
  readonly plan: number;
}

/** What a unit was answered by under each plan that it asked under. */
const answersOf = (
  requests: readonly AskedRequest[],
  spans: readonly Span[],
): readonly (Answer & { readonly also: readonly number[] })[] =>
  spans.flatMap((span, plan) => {
    const [version, ...also] = versionsIn(inSpan(requests, span));
    return version === undefined ? [] : [{ version, plan, also }];
  });

/** Whether a version's share fell at none of the changes between two plans. */
const rises = (
  plans: readonly Moved[],
  { from, to, version }: { readonly from: number; readonly to: number; readonly version: number },
): boolean => {
  const shares = plans.slice(from, to + 1).map((plan) => (plan.kind === 'plan' ? (plan.shares[version] ?? 0) : 0));
  return shares.every((share, i) => share >= (shares[i - 1] ?? 0));
};

/**
 * What each unit was answered by: one version as long as a plan stands, and from one plan to the next of a rising canary
 * never from the canary back to the champion.
 */
export const unitMoves = (facts: DayFacts) => {
  const breaches: string[] = [];
  let moves = 0;
  let answers = 0;
  const units = byUnit(facts.requests);
  const plans = movesOf(facts, 'delta').filter((moved) => moved.kind === 'plan');
  const spans = settledSpans(plans.map(({ atMs }) => atMs));
  for (const [unit, requests] of units) {
    answers += requests.length;
    const given = answersOf(requests, spans);
    for (const [i, { version, plan, also }] of given.entries()) {
      if (also.length > 0) breaches.push(`delta: ${unit} was answered by ${[version, ...also].join(' and ')} at once`);
      const before = given[i - 1] ?? { version, plan };
      if (before.version !== version) moves += 1;
      if (version < before.version && rises(plans, { from: before.plan, to: plan, version: before.version })) {
        breaches.push(`delta: ${unit} flipped back from version ${before.version} to ${version} while its share rose`);
      }
    }
  }
  return { units: units.size, answers, moves, breaches };
};
