import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { clientPackages } from './client-packages.ts';
import { realPacing } from './contention.ts';
import { modelVersions } from './model-versions.ts';
import { registeredModels } from './registered-models.ts';
import type { RegistryContext } from './registry-context.ts';
import { rolloutDecisions } from './rollout-decisions.ts';
import { rolloutTransitions } from './rollout-transitions.ts';
import { rollouts } from './rollouts.ts';
import { trainingRuns } from './training-runs.ts';
import { versionDecisions } from './version-decisions.ts';
import { versionLifecycles } from './version-lifecycle.ts';

/**
 * The registry on DynamoDB.
 * `lineageTable` is needed by `registerVersion`, `packageVersion` and by an `endRollout` with a deployment, which write lineage edges in
 * their transaction.
 */
export const createModelRegistry = (
  options: Omit<RegistryContext, 'pacing'> & { readonly client: DynamoDBClient } & Partial<RegistryContext>,
): ModelRegistry => {
  const context: RegistryContext = { pacing: realPacing, ...options };
  return {
    ...registeredModels(context),
    ...modelVersions(context),
    ...clientPackages(context),
    ...versionDecisions(context),
    ...versionLifecycles(context),
    ...trainingRuns(context),
    ...rollouts(context),
    ...rolloutTransitions(context),
    ...rolloutDecisions(context),
  };
};
