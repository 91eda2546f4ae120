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
}

export type ReconcileAction =
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'restore'; readonly lambdaVersion: string; readonly rolloutId?: string; readonly reason: string }
  | { readonly kind: 'roll out model'; readonly version: number; readonly reason: string }
  | { readonly kind: 'roll out code'; readonly version: number; readonly reason: string };

const restoreIfAstray = ({
  alias,
  restingLambdaVersion: lambdaVersion,
  rollout,
}: ServingState): ReconcileAction | undefined => {
  const weighted = Object.keys(alias.weights).length > 0;
  if (rollout !== undefined) {
    const reason = `the execution of rollout ${rollout.rolloutId} ended without ending it`;
    return { kind: 'restore', lambdaVersion, rolloutId: rollout.rolloutId, reason };
  }
  if (!weighted && alias.lambdaVersion === lambdaVersion) return undefined;
  const reason = `the alias stood on version ${alias.lambdaVersion}${weighted ? ', weighted,' : ''} without a rollout`;
  return { kind: 'restore', lambdaVersion, reason };
};

/**
 * The one repair that a model's endpoint needs now. A running rollout is left alone; an alias that is weighted or
 * points elsewhere without one goes back to its champion; an approved version whose event was lost is rolled out;
 * code that a deploy changed is rolled out through the same canary.
 */
export const decideReconciliation = (state: ServingState): ReconcileAction => {
  const { deployment, rollout } = state;
  if (rollout?.executionRuns) return { kind: 'none', reason: `rollout ${rollout.rolloutId} is running` };
  const astray = restoreIfAstray(state);
  if (astray) return astray;
  const approved = state.newestApproved;
  if (approved && !approved.rolloutBegun && approved.version > (deployment?.version ?? 0)) {
    return { kind: 'roll out model', version: approved.version, reason: 'its approval never started a rollout' };
  }
  if (deployment && deployment.codeSha256 !== state.deployedCodeSha256) {
    return {
      kind: 'roll out code',
      version: deployment.version,
      reason: 'the deployed code differs from the code in service',
    };
  }
  return { kind: 'none', reason: 'the endpoint is as it should be' };
};
