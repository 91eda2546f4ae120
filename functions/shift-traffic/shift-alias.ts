import type { Rollout } from '../../shared/core/registry/index.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

/** Divides the traffic by the alias. @throws ConflictError when somebody moved it in between. */
export const shiftAlias = async (
  functions: Pick<ServingFunctions, 'getLiveAlias' | 'setLiveAlias'>,
  functionName: string,
  { lambdaVersion, previousLambdaVersion }: Rollout,
  weight: number,
): Promise<void> => {
  const alias = await functions.getLiveAlias(functionName);
  const canary = lambdaVersion ?? previousLambdaVersion;
  await functions.setLiveAlias(functionName, {
    lambdaVersion: weight === 1 ? canary : previousLambdaVersion,
    weights: weight > 0 && weight < 1 ? { [canary]: weight } : {},
    revisionId: alias.revisionId,
  });
};
