import type { LineageEdge } from '../../core/lineage/index.ts';
import type { Deployment, ModelVersion, RegisteredModel, Rollout, TrainingRun } from '../../core/registry/index.ts';

/** The registry's state, as one value that several stores share. */
export interface RegistryState {
  readonly models: Map<string, RegisteredModel>;
  /** By model and number. */
  readonly versions: Map<string, ModelVersion>;
  readonly runs: Map<string, TrainingRun>;
  readonly rollouts: Map<string, Rollout>;
  readonly deployments: Map<string, Deployment>;
  readonly edges: Map<string, LineageEdge>;
}

export const createRegistryState = (): RegistryState => ({
  models: new Map(),
  versions: new Map(),
  runs: new Map(),
  rollouts: new Map(),
  deployments: new Map(),
  edges: new Map(),
});

export const idOf = (model: string, name: string | number): string => JSON.stringify([model, name]);

export const versionsOf = ({ versions }: RegistryState, model: string): readonly ModelVersion[] =>
  [...versions.values()].filter((version) => version.model === model);

/** The model with the latest version of each stage as its versions are now. */
export const putModel = (state: RegistryState, model: RegisteredModel): RegisteredModel => {
  const latest = new Map<ModelVersion['stage'], number>();
  for (const { stage, version } of versionsOf(state, model.model)) {
    latest.set(stage, Math.max(version, latest.get(stage) ?? 0));
  }
  const stored = { ...model, latestByStage: Object.fromEntries(latest) };
  state.models.set(model.model, stored);
  return stored;
};
