import { InvalidStateError } from '../../kernel/errors.ts';
import type { Deployment, Rollout, RolloutDecision } from '../registry/index.ts';

/** What rolling back by a person's word means at one instant, where the alias divides the requests. */

export interface RollBackQuestion {
  readonly model: string;
  /** What holds the lease. */
  readonly running?: Rollout;
  readonly deployment?: Deployment;
  /** Newest first, those that are over too. */
  readonly rollouts: readonly Rollout[];
  /** The rollout that the person named. */
  readonly named?: Rollout;
  /** The version to go back to, if the person named one. */
  readonly wanted?: number;
  /** Who asks, and why: the same again is no second roll-back. */
  readonly by: { readonly principal: string; readonly reason: string };
  /** Whether the alias stands wholly on what is deployed. */
  readonly atRest: boolean;
}

/** A published version that served before. */
export interface ServedVersion {
  readonly version: number;
  readonly lambdaVersion: string;
}

export type RollBack =
  /** The canary loses its traffic. */
  | { readonly kind: 'stop'; readonly rollout: Rollout }
  /** What served before serves again: `resumes` is a roll-back that was cut off. */
  | { readonly kind: 'go back'; readonly to: ServedVersion; readonly resumes?: Rollout }
  /** Nothing is left to decide: the alias is seen to be at rest. */
  | { readonly kind: 'rest' };

const ROLL_BACK = 'rollback-';
/** What roll-backs to an earlier version are called: no execution carries them out. */
export const rollBackId = (requestId: string): string => `${ROLL_BACK}${requestId}`;
export const isRollBack = ({ rolloutId }: Pick<Rollout, 'rolloutId'>): boolean => rolloutId.startsWith(ROLL_BACK);

/** What had all traffic before the rollout; undefined where nothing had. */
const servedBefore = ({ previousVersion, previousLambdaVersion }: Rollout): ServedVersion | undefined =>
  previousVersion === undefined ? undefined : { version: previousVersion, lambdaVersion: previousLambdaVersion };

/** Where a version was published when it last had all traffic. */
const findServed = (rollouts: readonly Rollout[], wanted: number): ServedVersion | undefined => {
  for (const rollout of rollouts) {
    const { status, version, lambdaVersion } = rollout;
    if (status === 'PROMOTED' && version === wanted && lambdaVersion !== undefined) return { version, lambdaVersion };
    const before = servedBefore(rollout);
    if (before?.version === wanted) return before;
  }
  return undefined;
};

const decideNamed = (named: Rollout): RollBack => {
  const { model, rolloutId, version, status } = named;
  if (status === 'RUNNING') return { kind: 'stop', rollout: named };
  if (status === 'ROLLED_BACK') return { kind: 'rest' };
  const after = status === 'PROMOTED' ? `version ${version} serves by it; to go back, roll the model back` : '';
  throw new InvalidStateError(`rollout ${rolloutId} of ${model} is ${status}${after === '' ? '' : `: ${after}`}`);
};

const decideRunning = (running: Rollout, { model, deployment, wanted }: RollBackQuestion): RollBack => {
  const { rolloutId, version, lambdaVersion } = running;
  if (isRollBack(running) && (wanted ?? version) === version && lambdaVersion !== undefined) {
    return { kind: 'go back', to: { version, lambdaVersion }, resumes: running };
  }
  if (wanted === undefined || wanted === deployment?.version) return { kind: 'stop', rollout: running };
  throw new InvalidStateError(
    `rollout ${rolloutId} of ${model} is running: roll it back first, without a version; then go back to ${wanted}`,
  );
};

/** What the newest rollout put out of service; undefined once somebody rolled back, so that twice is not further back. */
export const findVersionBefore = ([newest]: readonly Rollout[]): ServedVersion | undefined =>
  newest?.status === 'PROMOTED' && !isRollBack(newest) ? servedBefore(newest) : undefined;

const saidBy = (decision: RolloutDecision | undefined, { principal, reason }: RollBackQuestion['by']): boolean =>
  decision?.action === 'roll back' && decision.decidedBy === principal && decision.reason === reason;

const decideVersionBefore = ({ model, deployment, rollouts, by }: RollBackQuestion): RollBack => {
  if (saidBy(rollouts[0]?.decision, by)) return { kind: 'rest' };
  const to = findVersionBefore(rollouts);
  if (to !== undefined) return { kind: 'go back', to };
  throw new InvalidStateError(
    deployment === undefined
      ? `nothing is being tried on ${model}, and no version is in service`
      : `nothing is being tried on ${model}: version ${deployment.version} has all of its traffic; name the version to go back to`,
  );
};

/**
 * What rolling back means now. A running canary loses its traffic; else the version before serves again, or the one that
 * is named. Asked twice it is done once: after a roll-back only a version by name goes further back.
 * @throws InvalidStateError when nothing can be rolled back, with what to do instead.
 */
export const decideRollBack = (question: RollBackQuestion): RollBack => {
  const { model, running, deployment, rollouts, named, wanted, atRest } = question;
  if (named !== undefined) return decideNamed(named);
  if (running !== undefined) return decideRunning(running, question);
  if (wanted === undefined) return atRest ? decideVersionBefore(question) : { kind: 'rest' };
  if (wanted === deployment?.version) return { kind: 'rest' };
  const to = findServed(rollouts, wanted);
  if (to !== undefined) return { kind: 'go back', to };
  throw new InvalidStateError(
    `version ${wanted} of ${model} had all traffic in none of its last ${rollouts.length} rollouts: there is nothing to go back to`,
  );
};
