import type { PackagedVersion, Rollout } from '../registry/index.ts';

/** What the workflow needs from a rollout's start to its end. */
export interface RolloutPlan {
  readonly model: string;
  readonly version: number;
  readonly kind: Rollout['kind'];
  readonly rolloutId: string;
  readonly functionName: string;
  readonly previousLambdaVersion: string;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
  /** Traffic weights, rising, ending in 1. */
  readonly steps: readonly number[];
  readonly bakeSeconds: number;
}

export const planRollout = (
  { model, version, kind, rolloutId, previousLambdaVersion }: Rollout,
  { modelDigest, manifestDigest, artifactPrefix }: PackagedVersion,
  functionName: string,
  deployment: { readonly canarySteps: readonly number[]; readonly bakeMinutes: number },
): RolloutPlan => ({
  model,
  version,
  kind,
  rolloutId,
  functionName,
  previousLambdaVersion,
  modelDigest,
  manifestDigest,
  artifactPrefix,
  steps: deployment.canarySteps,
  bakeSeconds: deployment.bakeMinutes * 60,
});
