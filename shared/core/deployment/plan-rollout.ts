import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import type { PackagedVersion, Rollout } from '../registry/index.ts';
import { lookMsOf } from './judge-rules.ts';

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
  /** From a step's start to its first look. */
  readonly lookSeconds: number;
}

export const planRollout = (
  { model, version, kind, rolloutId, previousLambdaVersion }: Rollout,
  { modelDigest, manifestDigest, artifactPrefix }: PackagedVersion,
  functionName: string,
  deployment: {
    readonly canarySteps: readonly number[];
    readonly bakeMinutes: number;
    readonly judge?: { readonly lookMinutes?: number | undefined } | undefined;
  },
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
  lookSeconds: Math.ceil(lookMsOf(deployment.bakeMinutes * MINUTE_MS, deployment.judge?.lookMinutes) / SECOND_MS),
});
