import type { RolloutArms } from '../../shared/core/deployment/index.ts';
import type { Looked } from './deps.ts';

/** By what captured lines of a rollout are told apart; undefined where nothing serves beside the canary. */
export const armsOf = ({
  kind,
  version,
  lambdaVersion,
  previousVersion,
  previousLambdaVersion,
  routing,
}: Looked['rollout']): RolloutArms | undefined => {
  // Without a champion the version before only answers that no model is in service: nothing to compare with.
  if (previousVersion === undefined) return undefined;
  // Code is divided by the alias, whatever divides the model's versions.
  return routing !== undefined && kind === 'model'
    ? { by: 'version', canary: version, champion: previousVersion }
    : { by: 'lambdaVersion', canary: lambdaVersion, champion: previousLambdaVersion };
};
