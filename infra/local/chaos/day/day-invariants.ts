import { MINUTE_MS, SECOND_MS, utcDay } from '../../../../shared/kernel/time.ts';
import { checkInvariants } from '../check-invariants.ts';
import type { ModelFacts } from '../facts.ts';
import type { DayFacts, MeteredCapture, RollbackDecision } from './day-facts.ts';
import { DAY_MODELS } from './day-model.ts';
import { answeredLate, restoredAfter, unitMoves } from './traffic-moves.ts';

/** What a day claims, each with what it was counted on. */
export interface DayInvariant {
  readonly name: string;
  readonly judge: (facts: DayFacts) => DayVerdict;
}

export interface DayVerdict {
  /** What the claim rests on, as a person reads it. */
  readonly counted: string;
  readonly breaches: readonly string[];
}

/** Longest from a decision until the version has no traffic. */
export const ROLLBACK_LIMIT_MS = MINUTE_MS;
/** The reconciler's period, and what its own retries may take. */
export const RESTORE_LIMIT_MS = 18 * MINUTE_MS;

const seconds = (ms: number): string => `${(ms / SECOND_MS).toFixed(1)} s`;

/** Clocks are off by a second, and a count stands at the start of its minute. */
const COUNTED_WITHIN_MS = MINUTE_MS + 5 * SECOND_MS;

/** Answers that are not captured and that no count of their minute stands for: each count stands for one. */
const uncounted = (
  lost: readonly { readonly predictionId: string; readonly atMs: number }[],
  counts: readonly { readonly atMs: number; readonly count: number }[],
): readonly string[] => {
  const left = counts.map(({ atMs, count }) => ({ atMs, count }));
  return lost
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter(({ atMs }) => {
      const found = left.find((one) => one.count > 0 && Math.abs(one.atMs - atMs) <= COUNTED_WITHIN_MS);
      if (found) found.count -= 1;
      return found === undefined;
    })
    .map(({ predictionId }) => predictionId);
};

const nothingIsLost: DayInvariant['judge'] = ({ models, captureFailures }) => {
  const breaches: string[] = [];
  let [answeredCount, lostCount, countedCount] = [0, 0, 0];
  for (const { name, answered, captured } of models) {
    const lines = new Set(captured.map(({ predictionId }) => predictionId));
    const lost = answered.filter(({ predictionId }) => !lines.has(predictionId));
    const counts = captureFailures[name] ?? [];
    answeredCount += answered.length;
    lostCount += lost.length;
    countedCount += counts.reduce((sum, { count }) => sum + count, 0);
    const silent = uncounted(lost, counts);
    if (silent.length > 0) {
      breaches.push(
        `${name}: ${silent.length} answered predictions are not captured (${silent[0]} …), and CaptureFailed of their minute does not count them`,
      );
    }
  }
  const counted = `${answeredCount} answered predictions, ${lostCount} not captured, CaptureFailed counts ${countedCount}`;
  return { counted, breaches };
};

const placeOf = (model: string, day: string, version: number, client: string): string =>
  `${model} ${day} version ${version} ${client}`;

/** Requests as captured, each once however often its lines came. */
const capturedRequests = (captures: Readonly<Record<string, readonly MeteredCapture[]>>) => {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  let lines = 0;
  for (const [model, records] of Object.entries(captures)) {
    for (const { requestId, atMs, version, principal } of records) {
      lines += 1;
      const key = `${model} ${requestId}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const place = placeOf(model, utcDay(atMs), version, principal);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
  }
  return { counts, lines, requests: seen.size };
};

const usageIsExact: DayInvariant['judge'] = ({ captures, usage }) => {
  const { counts, lines, requests } = capturedRequests(captures);
  const metered = new Map(
    usage.map(({ model, day, version, client, requestCount }) => [placeOf(model, day, version, client), requestCount]),
  );
  const places = new Set([...counts.keys(), ...metered.keys()]);
  const breaches = [...places].flatMap((place) => {
    const [captured, counted] = [counts.get(place) ?? 0, metered.get(place) ?? 0];
    return captured === counted ? [] : [`usage of ${place} counts ${counted} requests, captured are ${captured}`];
  });
  return { counted: `${requests} requests in ${lines} captured lines, ${metered.size} counts`, breaches };
};

const giveBackInTime: DayInvariant['judge'] = (facts) => {
  const breaches: string[] = [];
  let slowestMs = 0;
  const earliest = new Map<string, RollbackDecision>();
  for (const decision of facts.decisions.toSorted((a, b) => a.atMs - b.atMs)) {
    if (!earliest.has(decision.rolloutId)) earliest.set(decision.rolloutId, decision);
  }
  for (const { model, rolloutId, by, atMs } of earliest.values()) {
    const backMs = restoredAfter(facts, { model, rolloutId, atMs });
    if (backMs === undefined) breaches.push(`${model}: rollout ${rolloutId} never gave its traffic back`);
    else slowestMs = Math.max(slowestMs, backMs - atMs);
    if (backMs !== undefined && backMs - atMs > ROLLBACK_LIMIT_MS) {
      breaches.push(
        `${model}: rollout ${rolloutId} had traffic ${seconds(backMs - atMs)} after the ${by} had decided otherwise`,
      );
    }
    const late = answeredLate(facts, { model, rolloutId, afterMs: atMs + ROLLBACK_LIMIT_MS });
    if (late.length > 0) {
      const after = seconds((late.at(-1)?.askedAtMs ?? atMs) - atMs);
      breaches.push(`${model}: rollout ${rolloutId} answered ${late.length} requests, the last asked ${after} later`);
    }
  }
  return { counted: `${earliest.size} decisions, the slowest after ${seconds(slowestMs)}`, breaches };
};

const deadIsRestored: DayInvariant['judge'] = (facts) => {
  const breaches: string[] = [];
  let slowestMs = 0;
  for (const { model, rolloutId, atMs } of facts.notes.kills) {
    const found = facts.models.find(({ name }) => name === model);
    const rollout = found?.rollouts.find((one) => one.rolloutId === rolloutId);
    const backMs = restoredAfter(facts, { model, rolloutId, atMs });
    const freeMs = rollout?.endedAtMs;
    if (backMs === undefined) breaches.push(`${model}: the traffic of the dead rollout ${rolloutId} never went back`);
    if (freeMs === undefined || found?.leaseOf === rolloutId) {
      breaches.push(`${model}: the dead rollout ${rolloutId} still holds the lease`);
    }
    const tookMs = Math.max(backMs ?? atMs, freeMs ?? atMs) - atMs;
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > RESTORE_LIMIT_MS) {
      breaches.push(`${model}: it took ${seconds(tookMs)} to restore what the dead rollout ${rolloutId} left`);
    }
  }
  return { counted: `${facts.notes.kills.length} dead rollouts, the slowest after ${seconds(slowestMs)}`, breaches };
};

/** Models whose rollouts took a step of their own in a span of time. */
const steppedWithin = (models: DayFacts['models'], within: (atMs: number) => boolean): ReadonlySet<string> =>
  new Set(
    models
      .filter(({ rollouts }) => rollouts.some(({ shifts = [] }) => shifts.some(({ atMs }) => within(atMs))))
      .map(({ name }) => name),
  );

const updateIsHarmless: DayInvariant['judge'] = ({ notes, models, requests, effects }) => {
  const breaches: string[] = [];
  let asked = 0;
  for (const { fromMs, toMs, before, after } of notes.updates) {
    const within = (atMs: number): boolean => atMs >= fromMs && atMs <= toMs;
    const stepped = steppedWithin(models, within);
    const during = requests.filter(({ askedAtMs }) => within(askedAtMs));
    asked += during.length;
    for (const { model, predictionIds, status } of during.filter((request) => request.status !== 200)) {
      breaches.push(`${model}: request ${predictionIds[0]} was answered ${status || 'not at all'} during the update`);
    }
    const moves = effects.filter(({ kind, atMs }) => (kind === 'alias' || kind === 'plan') && within(atMs));
    for (const effect of moves.filter(({ model }) => !stepped.has(model))) {
      breaches.push(`${effect.model}: traffic was moved during the update: ${JSON.stringify(effect)}`);
    }
    for (const [i, model] of DAY_MODELS.entries()) {
      const [was, is] = [JSON.stringify(before[i]), JSON.stringify(after[i])];
      if (was !== is && !stepped.has(model)) {
        breaches.push(`${model}: live was ${was} before the update, ${is} after it`);
      }
    }
  }
  return { counted: `${notes.updates.length} updates, ${asked} requests while they ran`, breaches };
};

const unitsStay: DayInvariant['judge'] = (facts) => {
  const { units, moves, answers, breaches } = unitMoves(facts);
  return { counted: `${units} units, ${answers} answers, ${moves} moves`, breaches };
};

const rolloutsEndAsTheyShould: DayInvariant['judge'] = ({ notes, models }) => {
  const breaches = notes.brought.flatMap(({ model, version, ending }) => {
    const rollouts = models.find(({ name }) => name === model)?.rollouts ?? [];
    const own = rollouts
      .filter((rollout) => rollout.version === version && rollout.kind === 'model')
      .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
    const { status, reason = 'no reason' } = own.at(-1) ?? {};
    return status === ending ? [] : [`${model}: version ${version} is ${status ?? 'not rolled out'} (${reason})`];
  });
  const count = models.reduce((sum, { rollouts }) => sum + rollouts.length, 0);
  return { counted: `${count} rollouts of ${notes.brought.length} versions`, breaches };
};

/** What holds after every chaos run, of the model whose traffic an alias divides. */
const loopHolds: DayInvariant['judge'] = ({ alias }) => ({
  counted: `${alias.executions.length} executions, ${alias.effects.length} effects`,
  breaches: checkInvariants(alias).map(({ invariant, what }) => `${invariant}: ${what}`),
});

/** Once the day is over both are at rest. */
const isAtRest: DayInvariant['judge'] = ({ models }) => ({
  counted: `${models.length} models`,
  breaches: models.flatMap(({ name, rollouts, leaseOf, deployment, champion }: Omit<ModelFacts, 'expectedVersion'>) => [
    ...rollouts.filter(({ status }) => status === 'RUNNING').map(({ rolloutId }) => `${name}: ${rolloutId} still runs`),
    ...(leaseOf === undefined ? [] : [`${name}: rollout ${leaseOf} still holds the lease`]),
    ...(deployment?.version === champion
      ? []
      : [`${name}: champion is ${champion}, deployed is ${deployment?.version}`]),
  ]),
});

export const DAY_INVARIANTS: readonly DayInvariant[] = [
  { name: 'no answered prediction is lost beyond what CaptureFailed counts', judge: nothingIsLost },
  { name: 'usage counts each captured request once', judge: usageIsExact },
  { name: 'what is decided gives traffic back within a minute', judge: giveBackInTime },
  { name: 'the reconciler restores what a dead rollout left, within its period', judge: deadIsRestored },
  { name: 'a template update in mid-canary fails no request and moves no traffic', judge: updateIsHarmless },
  { name: 'a unit has one version at a time, and does not flip back', judge: unitsStay },
  { name: 'rollouts end as they should', judge: rolloutsEndAsTheyShould },
  { name: 'the loop holds what every chaos run claims', judge: loopHolds },
  { name: 'everything is at rest in the end', judge: isAtRest },
];
