/** What every reader and writer of the registry agrees on. */

/** Where models are that name no workspace: the pipelines' own. */
export const DEFAULT_WORKSPACE = 'default';

/** The aliases that rollouts move in a model whose versions pipelines register. */
const ROLLOUT_ALIASES: readonly string[] = ['champion', 'challenger'];

export const isRolloutAlias = (alias: string): boolean => ROLLOUT_ALIASES.includes(alias);

/** The source of a version whose package stands under this prefix of the artifact bucket. */
export const packageSource = (artifactPrefix: string): string =>
  `mlflow-artifacts:/${artifactPrefix.replace(/\/$/, '')}`;
