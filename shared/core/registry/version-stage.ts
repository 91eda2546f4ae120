import { InvalidRequestError } from '../../kernel/errors.ts';
import type { VersionStage } from './model-version.ts';

export const VERSION_STAGES: readonly VersionStage[] = ['None', 'Staging', 'Production', 'Archived'];

/** Stages whose other versions a transition may archive. */
const ACTIVE_STAGES: readonly VersionStage[] = ['Staging', 'Production'];

/** The stage of that name in whatever case. @throws InvalidRequestError in MLflow's words. */
export const canonicalStage = (text: string): VersionStage => {
  const stage = VERSION_STAGES.find((known) => known.toLowerCase() === text.toLowerCase());
  if (stage !== undefined) return stage;
  throw new InvalidRequestError(
    `Invalid Model Version stage: ${text}. Value must be one of ${VERSION_STAGES.join(', ')}.`,
  );
};

/** @throws InvalidRequestError for a target whose other versions stay as they are. */
export const requireArchivable = (stage: VersionStage): void => {
  if (ACTIVE_STAGES.includes(stage)) return;
  throw new InvalidRequestError(
    `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. ` +
      `Valid stages are ${ACTIVE_STAGES.join(', ')}`,
  );
};
