import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ArtifactStore } from '../../../ports/artifact-store.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { TrackingStore } from '../../../ports/tracking-store.ts';
import { type RetryPacing, realPacing } from '../contention.ts';
import { createActiveExperiments } from './active-experiments.ts';
import { createRun } from './create-run.ts';
import { addDatasetInputs } from './dataset-inputs.ts';
import { type ExperimentOptions, experiments } from './experiments.ts';
import { trackingKeys } from './keys.ts';
import { metricHistory } from './metric-history.ts';
import { createRunCache } from './run-cache.ts';
import { readWholeRun, runIndex } from './run-index.ts';
import { setLifecycleOfRuns } from './run-lifecycle.ts';
import { changeRun } from './runs.ts';
import { readStoredRun } from './stored-run.ts';

/** Below the 29 seconds that API Gateway waits. */
const DEADLINE_MS = 25_000;
const DEFAULT_ARTIFACT_LOCATION = 'mlflow-artifacts:/0';

/** Experiments and runs of one workspace on DynamoDB. Keep it: it remembers the runs that it saw last. */
export const createTrackingStore = (
  options: {
    readonly client: DynamoDBClient;
    readonly table: string;
    /** Where values go that are too large for an item, below `tracking/<workspace>/values/`. */
    readonly values: Pick<ArtifactStore, 'get' | 'putIfAbsent'>;
    readonly workspace: string;
    readonly clock: Clock;
    /** @default real waits */
    readonly pacing?: RetryPacing;
    /** How long a lost race is run again. @default 25 seconds */
    readonly deadlineMs?: number;
  } & Partial<ExperimentOptions>,
): TrackingStore => {
  const { workspace, pacing = realPacing, deadlineMs = DEADLINE_MS, ...rest } = options;
  const context = { ...rest, pacing, deadlineMs, keys: trackingKeys(workspace), cache: createRunCache() };
  const { defaultArtifactLocation = DEFAULT_ARTIFACT_LOCATION } = options;
  const ofExperiments = experiments(context, { defaultArtifactLocation });
  const active = createActiveExperiments();
  const getExperiment: TrackingStore['getExperiment'] = async (experimentId) =>
    active.see(await ofExperiments.getExperiment(experimentId));
  return {
    ...ofExperiments,
    getExperiment,
    findExperiment: async (name) => {
      const found = await ofExperiments.findExperiment(name);
      return found && active.see(found);
    },
    experimentForRun: async (experimentId) => active.get(experimentId) ?? getExperiment(experimentId),
    changeExperiment: async (experimentId, change) =>
      active.see(await ofExperiments.changeExperiment(experimentId, change)),
    createRun: createRun(context, { getExperiment, active }),
    getRun: async (runId) => readWholeRun(context, await readStoredRun(context, runId), true),
    changeRun: (runId, change, hint) => changeRun(context, runId, change, hint?.metricsOnly),
    addDatasetInputs: (runId, inputs) => addDatasetInputs(context, runId, inputs),
    metricHistory: metricHistory(context),
    setLifecycleOfRuns: setLifecycleOfRuns(context),
    index: runIndex(context),
  };
};
