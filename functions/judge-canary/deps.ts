import type { Definitions } from '../../shared/contracts/definitions.ts';
import type { Rollout } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RolloutEvidenceStore } from '../../shared/ports/rollout-evidence.ts';
import type { ServingMetrics } from '../../shared/ports/serving-functions.ts';
import type { Captures } from './read-captured.ts';

export interface JudgeDeps {
  readonly definitions: Definitions;
  readonly registry: Pick<ModelRegistry, 'getRollout'>;
  readonly metrics: ServingMetrics;
  readonly captures: Captures;
  readonly evidence: RolloutEvidenceStore;
  readonly clock: Clock;
}

/** A rollout whose version is published, at one of its looks. */
export interface Looked {
  readonly rollout: Rollout & { readonly lambdaVersion: string };
  readonly functionName: string;
}
