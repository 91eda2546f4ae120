/** What stands at one model's endpoint, as read from Lambda, the registry and Step Functions. */
export interface ServingState {
  readonly alias: { readonly lambdaVersion: string; readonly weights: Readonly<Record<string, number>> };
  /** What `live` points at while no rollout runs: the deployment's version, or the one that waits for a first model. */
  readonly restingLambdaVersion: string;
  readonly deployment?: { readonly version: number; readonly codeSha256: string };
  /** Code that the last deploy brought. */
  readonly deployedCodeSha256: string;
  /** The rollout that holds the lease, and whether its execution still runs or ended it just now. */
  readonly rollout?: { readonly rolloutId: string; readonly executionRuns: boolean };
  /** Newest approved version and whether any rollout of it was ever begun. */
  readonly newestApproved?: { readonly version: number; readonly rolloutBegun: boolean };
  /** How requests are divided where a plan does it, and not the alias. */
  readonly routing?: {
    /** The version that has everything while nothing is tried; undefined while something is. */
    readonly settledOn?: number;
    /** An A/B experiment that is not over. */
    readonly experimentId?: string;
  };
}

export type ReconcileAction =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'restore';
      readonly lambdaVersion: string;
      readonly rolloutId?: string;
      /** What the plan is to give everything to; absent where it stays as it is. */
      readonly planVersion?: number;
      readonly reason: string;
    }
  | { readonly kind: 'roll out model'; readonly version: number; readonly reason: string }
  | { readonly kind: 'roll out code'; readonly version: number; readonly reason: string };

const restoreIfAstray = ({
  alias,
  restingLambdaVersion: lambdaVersion,
  rollout,
  deployment,
  routing,
}: ServingState): ReconcileAction | undefined => {
  const weighted = Object.keys(alias.weights).length > 0;
  const planAstray =
    routing !== undefined &&
    deployment !== undefined &&
    routing.experimentId === undefined &&
    routing.settledOn !== deployment.version;
  const plan = planAstray ? { planVersion: deployment.version } : {};
  if (rollout !== undefined) {
    const reason = `the execution of rollout ${rollout.rolloutId} ended without ending it`;
    return { kind: 'restore', lambdaVersion, rolloutId: rollout.rolloutId, ...plan, reason };
  }
  if (weighted || alias.lambdaVersion !== lambdaVersion) {
    const reason = `the alias stood on version ${alias.lambdaVersion}${weighted ? ', weighted,' : ''} without a rollout`;
    return { kind: 'restore', lambdaVersion, ...plan, reason };
  }
  if (!planAstray) return undefined;
  return { kind: 'restore', lambdaVersion, ...plan, reason: 'the routing plan was divided without a rollout' };
};

const codeAstray = ({ deployment, deployedCodeSha256 }: ServingState): ReconcileAction | undefined =>
  deployment === undefined || deployment.codeSha256 === deployedCodeSha256
    ? undefined
    : {
        kind: 'roll out code',
        version: deployment.version,
        reason: 'the deployed code differs from the code in service',
      };

/**
 * The one repair that a model's endpoint needs now. A running rollout is left alone; an alias that is weighted or
 * points elsewhere without one goes back to its champion; an approved version whose event was lost is rolled out;
 * code that a deploy changed is rolled out through the same canary. Where a plan divides the requests, code goes first:
 * the function that serves a new version must be of the code that serves, since all requests go to it at once. A version
 * waits for the end of an experiment.
 */
export const decideReconciliation = (state: ServingState): ReconcileAction => {
  const { deployment, rollout } = state;
  if (rollout?.executionRuns) return { kind: 'none', reason: `rollout ${rollout.rolloutId} is running` };
  const astray = restoreIfAstray(state);
  if (astray) return astray;
  const code = codeAstray(state);
  if (code && state.routing !== undefined) return code;
  if (state.routing?.experimentId !== undefined) {
    return { kind: 'none', reason: `experiment ${state.routing.experimentId} divides the traffic` };
  }
  const approved = state.newestApproved;
  if (approved && !approved.rolloutBegun && approved.version > (deployment?.version ?? 0)) {
    return { kind: 'roll out model', version: approved.version, reason: 'its approval never started a rollout' };
  }
  return code ?? { kind: 'none', reason: 'the endpoint is as it should be' };
};
