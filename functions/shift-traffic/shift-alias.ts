import type { Rollout } from '../../shared/core/registry/index.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

interface Shift {
  readonly functionName: string;
  readonly rollout: Rollout;
  /** Of the canary, in [0, 1]. */
  readonly weight: number;
  /** The rollout as it stands. @throws InvalidStateError once it may move no traffic. */
  readonly readRunning: () => Promise<Rollout>;
  /** Whether a person rolled it back by now. */
  readonly isRolledBack: () => Promise<boolean>;
}

type Functions = Pick<ServingFunctions, 'getLiveAlias' | 'setLiveAlias'>;

/** Takes back what a rollout that is over still has; another may have taken over since, and keeps what it has. */
const takeBack = async (
  functions: Functions,
  functionName: string,
  { lambdaVersion, previousLambdaVersion }: Rollout,
): Promise<void> => {
  const { revisionId, weights, lambdaVersion: main } = await functions.getLiveAlias(functionName);
  if (lambdaVersion === undefined || (main !== lambdaVersion && !Object.hasOwn(weights, lambdaVersion))) return;
  await functions.setLiveAlias(functionName, { lambdaVersion: previousLambdaVersion, weights: {}, revisionId });
};

/**
 * Divides the traffic by the alias. A person may roll back at any time: the rollout is read after the alias, and once
 * more after the write, so that either this step sees it and takes back what it gave, or whoever ended the rollout finds
 * what was given.
 * @returns whether the canary has the weight.
 * @throws ConflictError when somebody moved the alias in between.
 */
export const shiftAlias = async (
  functions: Functions,
  { functionName, rollout, weight, readRunning, isRolledBack }: Shift,
): Promise<boolean> => {
  if (rollout.status === 'RUNNING') {
    const alias = await functions.getLiveAlias(functionName);
    const { lambdaVersion, previousLambdaVersion } = await readRunning();
    const canary = lambdaVersion ?? previousLambdaVersion;
    await functions.setLiveAlias(functionName, {
      lambdaVersion: weight === 1 ? canary : previousLambdaVersion,
      weights: weight > 0 && weight < 1 ? { [canary]: weight } : {},
      revisionId: alias.revisionId,
    });
    if (!(await isRolledBack())) return true;
  }
  await takeBack(functions, functionName, rollout);
  return false;
};
