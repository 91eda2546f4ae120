import type { ModelVersion } from './model-version.ts';
import { isPackaged } from './packaged.ts';

/** The run of a version as MLflow's clients know it: they can read it by this id where there is one to read. */
export const shownRunId = (version: ModelVersion): string | undefined =>
  (isPackaged(version) ? version.trackingRunId : undefined) ?? version.runId;
