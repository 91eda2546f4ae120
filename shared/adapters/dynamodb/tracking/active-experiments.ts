import type { Experiment } from '../../../core/tracking/index.ts';

/** Experiments as this process saw them last, active: what runs are created in without reading them again. */
export interface ActiveExperiments {
  get(experimentId: string): Experiment | undefined;
  /** Remembers an active experiment, forgets a deleted one. @returns it */
  see(experiment: Experiment): Experiment;
}

const MAX_EXPERIMENTS = 100;

/** The one seen longest ago goes first. */
export const createActiveExperiments = (limit = MAX_EXPERIMENTS): ActiveExperiments => {
  const seen = new Map<string, Experiment>();
  return {
    get: (experimentId) => seen.get(experimentId),
    see: (experiment) => {
      const { experimentId, lifecycleStage } = experiment;
      seen.delete(experimentId);
      if (lifecycleStage === 'active') seen.set(experimentId, experiment);
      const [oldest] = seen.keys();
      if (seen.size > limit && oldest !== undefined) seen.delete(oldest);
      return experiment;
    },
  };
};
