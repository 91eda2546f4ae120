import { createHash } from 'node:crypto';
import { METRICS_FILE, runPrefix, TrainingMetricsSchema } from '../../shared/contracts/artifacts.ts';
import type { Definitions } from '../../shared/contracts/definitions.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { type Phase, phaseModelPrefix } from '../../shared/contracts/training-workflow.ts';
import {
  endPipelineRun,
  type PipelineEnd,
  type PipelineStart,
  startPipelineRun,
  trackingRunId,
} from '../../shared/core/packaging/index.ts';
import { createExperiment, type Experiment, newExperimentId } from '../../shared/core/tracking/index.ts';
import { AlreadyExistsError, InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';

export interface TrackRunDeps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly tracking: Pick<TrackingStore, 'findExperiment' | 'createExperiment' | 'createRun' | 'changeRun'>;
}

type Run = { readonly model: string; readonly runId: string };

/** Shows pipeline runs to MLflow's clients. */
export interface TrackRun {
  readonly start: (start: PipelineStart) => Promise<void>;
  /** @param phases whose training metrics the run has. */
  readonly end: (run: Run, end: PipelineEnd, phases: readonly Phase[]) => Promise<void>;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The experiment of the model's name, made when it is first needed; somebody else may make it at the same time. */
const experimentOf = async (
  tracking: TrackRunDeps['tracking'],
  { model, startedAtMs }: PipelineStart,
): Promise<Experiment> => {
  const standing = await tracking.findExperiment(model);
  if (standing !== undefined) return standing;
  const experiment = createExperiment({
    experimentId: newExperimentId(startedAtMs, sha256(model)),
    name: model,
    tags: [],
    createdAtMs: startedAtMs,
  });
  try {
    await tracking.createExperiment(experiment);
    return experiment;
  } catch (error) {
    const made = error instanceof AlreadyExistsError ? await tracking.findExperiment(model) : undefined;
    if (made === undefined) throw error;
    return made;
  }
};

/**
 * Does its best: an experiment or a run that somebody deleted, or changed so that ours no longer fits, is theirs to
 * decide about and must not stop a training. What may pass by itself is thrown, for the workflow to try again.
 */
const unlessRefused = async (run: Run, track: () => Promise<void>): Promise<void> => {
  try {
    await track();
  } catch (error) {
    const refused = [AlreadyExistsError, InvalidRequestError, NotFoundError].some((kind) => error instanceof kind);
    if (!refused) throw error;
    const { model, runId } = run;
    logLine('warn', `the run is not shown to MLflow's clients: ${String(error)}`, { model, runId });
  }
};

export const createTrackRun = ({ definitions, artifacts, tracking }: TrackRunDeps): TrackRun => {
  const trainingMetrics = async ({ model, runId }: Run, phase: Phase): Promise<readonly [string, number][]> => {
    const file = `${runPrefix(model, runId)}${phaseModelPrefix(phase)}${METRICS_FILE}`;
    const metrics = parseJsonFile(TrainingMetricsSchema, await artifacts.get(file), file);
    return Object.entries(metrics).map(([name, value]) => [`${phase}/${name}`, value]);
  };

  return {
    start: (start) =>
      unlessRefused(start, async () => {
        const experiment = await experimentOf(tracking, start);
        // What was brought has no settings of ours.
        const isBrought = start.cause.kind === 'upload' || start.cause.kind === 'client-version';
        const definition = isBrought ? undefined : definitions.get(start.model);
        const run = startPipelineRun(start, { trackingRunId: trackingRunId(start, sha256), experiment, definition });
        await tracking.createRun(run);
      }),

    end: (run, end, phases) =>
      unlessRefused(run, async () => {
        const learnt = await Promise.all(phases.map((phase) => trainingMetrics(run, phase)));
        const metrics = { ...end.metrics, ...Object.fromEntries(learnt.flat()) };
        await tracking.changeRun(trackingRunId(run, sha256), (standing) =>
          endPipelineRun(standing, { ...end, metrics }),
        );
      }),
  };
};
