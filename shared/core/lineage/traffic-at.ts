import type { Rollout } from '../registry/index.ts';

/** Who could have answered at an instant: each published version of the function, with its share of the traffic. */
export interface TrafficAt {
  /** The rollout that ran then; absent between rollouts. */
  readonly rolloutId?: string;
  /** Shares by published version; they sum to 1. */
  readonly weights: Readonly<Record<string, number>>;
}

/**
 * The division of the traffic at an instant. A shift counts from when it was recorded, the moment before the alias moved.
 * Undefined where it is not on record: no rollout had been promoted, or the rollout that ran is from before its shifts
 * were recorded with their times.
 * @param rollouts of one model, newest first.
 */
export const trafficAt = (rollouts: readonly Rollout[], atMs: number): TrafficAt | undefined => {
  const running = rollouts.find(({ startedAtMs, endedAtMs }) => startedAtMs <= atMs && (endedAtMs ?? atMs) >= atMs);
  if (running === undefined) {
    const serving = rollouts.find(({ status, endedAtMs }) => status === 'PROMOTED' && (endedAtMs ?? atMs) <= atMs);
    return serving?.lambdaVersion === undefined ? undefined : { weights: { [serving.lambdaVersion]: 1 } };
  }
  const { rolloutId, lambdaVersion, previousLambdaVersion, shifts } = running;
  if (shifts === undefined) return undefined;
  const weight = shifts.findLast((shift) => shift.atMs <= atMs)?.weight ?? 0;
  if (lambdaVersion === undefined || weight === 0) return { rolloutId, weights: { [previousLambdaVersion]: 1 } };
  if (weight === 1) return { rolloutId, weights: { [lambdaVersion]: 1 } };
  return { rolloutId, weights: { [previousLambdaVersion]: 1 - weight, [lambdaVersion]: weight } };
};

/** The rollout that brought the published version which answered at an instant. */
export const rolloutOf = (
  rollouts: readonly Rollout[],
  answer: { readonly atMs: number; readonly version: number; readonly lambdaVersion?: string | undefined },
): Rollout | undefined =>
  rollouts.find(
    ({ startedAtMs, version, lambdaVersion }) =>
      startedAtMs <= answer.atMs &&
      version === answer.version &&
      (answer.lambdaVersion === undefined || lambdaVersion === answer.lambdaVersion),
  );
