import type { Rollout } from '../registry/index.ts';

/** Published versions kept besides those a rollout names: room to look back, far from the account's code limit. */
const KEPT_VERSIONS = 5;

/**
 * Published Lambda versions that may be deleted after a promotion, oldest first: never the first (it answers while
 * no model is in service), the live or the previous one, nor the newest few.
 */
export const collectableVersions = (
  versions: readonly string[],
  { lambdaVersion, previousLambdaVersion }: Pick<Rollout, 'lambdaVersion' | 'previousLambdaVersion'>,
): readonly string[] =>
  versions
    .slice(1, Math.max(1, versions.length - KEPT_VERSIONS))
    .filter((version) => version !== lambdaVersion && version !== previousLambdaVersion);
