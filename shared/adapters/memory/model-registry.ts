import {
  datasetSnapshotNode,
  deploymentNode,
  modelVersionNode,
  originVersionNode,
  runNode,
} from '../../contracts/lineage.ts';
import type { LineageEdge, LineageNode } from '../../core/lineage/index.ts';
import type { Deployment, ModelVersion, RegisteredModel, Rollout, TrainingRun } from '../../core/registry/index.ts';
import { ConflictError, InvalidRequestError, InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { LineageStore, ModelRegistry, Page } from '../../ports/model-registry.ts';

/** The registry's state, as one value that several stores share. */
interface State {
  readonly models: Map<string, RegisteredModel>;
  readonly versions: Map<string, ModelVersion>;
  readonly runs: Map<string, TrainingRun>;
  readonly rollouts: Map<string, Rollout>;
  readonly deployments: Map<string, Deployment>;
  readonly edges: Map<string, LineageEdge>;
}

const idOf = (model: string, name: string | number): string => `${model}/${name}`;
const sameNode = (a: LineageNode, b: LineageNode): boolean => a.kind === b.kind && a.id === b.id;

const addEdge = (state: State, edge: LineageEdge): void => {
  state.edges.set(JSON.stringify([edge.upstream, edge.downstream]), edge);
};

const pageOf = <T>(items: readonly T[], limit: number, cursor: string | undefined): Page<T> => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new InvalidRequestError(`limit must be an integer in [1, 100], got ${limit}`);
  }
  const from = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isInteger(from) || from < 0) throw new InvalidRequestError('cursor is not one that this list gave out');
  const to = from + limit;
  return { items: items.slice(from, to), ...(to < items.length ? { nextCursor: String(to) } : {}) };
};

const newestFirst = <T extends { readonly startedAtMs: number; readonly model: string }>(
  items: Iterable<T>,
  model: string,
): readonly T[] => [...items].filter((item) => item.model === model).sort((a, b) => b.startedAtMs - a.startedAtMs);

const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new NotFoundError(`${what} is not registered`);
  return value;
};

type Models = Pick<ModelRegistry, 'getModel' | 'listModels' | 'setAlias'>;
type Versions = Pick<ModelRegistry, 'registerVersion' | 'getVersion' | 'listVersions' | 'decideVersion'>;
type Runs = Pick<ModelRegistry, 'startRun' | 'endRun' | 'listRuns'>;
type Rollouts = Omit<ModelRegistry, keyof Models | keyof Versions | keyof Runs>;

const models = (state: State): Models => ({
  getModel: async (model) => found(state.models.get(model), `model ${model}`),
  listModels: async (limit, cursor) =>
    pageOf(
      [...state.models.values()].sort((a, b) => (a.model < b.model ? -1 : 1)),
      limit,
      cursor,
    ),
  setAlias: async (model, alias, version) => {
    const registered = found(state.models.get(model), `model ${model}`);
    const { [alias]: _, ...others } = registered.aliases;
    if (version !== undefined) {
      const { status } = found(state.versions.get(idOf(model, version)), `model version ${model}@${version}`);
      if (status !== 'APPROVED') throw new InvalidStateError(`${model}@${version} is ${status}, not APPROVED`);
    }
    const aliases = version === undefined ? others : { ...others, [alias]: version };
    state.models.set(model, { ...registered, aliases });
  },
});

const versions = (state: State): Versions => ({
  registerVersion: async ({ owner, ...registration }) => {
    const { model, runId, registeredAtMs: recordedAtMs } = registration;
    const before = [...state.versions.values()].find((version) => version.model === model && version.runId === runId);
    if (before) return before;
    const registered = state.models.get(model) ?? { model, owner, latestVersion: 0, aliases: {} };
    const number = registered.latestVersion + 1;
    const version: ModelVersion = { ...registration, version: number, status: 'PENDING_APPROVAL' };
    state.models.set(model, { ...registered, owner, latestVersion: number });
    state.versions.set(idOf(model, number), version);
    const run = runNode(model, runId);
    addEdge(state, { upstream: datasetSnapshotNode(registration.datasetSnapshot), downstream: run, recordedAtMs });
    addEdge(state, { upstream: run, downstream: modelVersionNode(model, number), recordedAtMs });
    const { origin } = registration;
    if (origin) {
      addEdge(state, {
        upstream: originVersionNode(origin.stage, model, origin.version),
        downstream: run,
        recordedAtMs,
      });
    }
    return version;
  },
  getVersion: async (model, version) => found(state.versions.get(idOf(model, version)), `version ${model}@${version}`),
  listVersions: async (model, limit, cursor) => {
    const all = [...state.versions.values()].filter((version) => version.model === model);
    return pageOf(
      all.sort((a, b) => b.version - a.version),
      limit,
      cursor,
    );
  },
  decideVersion: async ({ model, version, ...decision }) => {
    const standing = found(state.versions.get(idOf(model, version)), `version ${model}@${version}`);
    if (standing.status === decision.status) return standing;
    if (standing.status !== 'PENDING_APPROVAL') {
      throw new InvalidStateError(`${model}@${version} is ${standing.status}, it cannot become ${decision.status}`);
    }
    const decided = { ...standing, ...decision };
    state.versions.set(idOf(model, version), decided);
    return decided;
  },
});

const runs = (state: State): Runs => ({
  startRun: async (start) => {
    const id = idOf(start.model, start.runId);
    const run = state.runs.get(id) ?? { ...start, status: 'RUNNING' };
    state.runs.set(id, run);
    return run;
  },
  endRun: async ({ model, runId, ...end }) => {
    const standing = found(state.runs.get(idOf(model, runId)), `run ${model}/${runId}`);
    if (standing.status === end.status) return;
    if (standing.status !== 'RUNNING') {
      throw new InvalidStateError(`run ${model}/${runId} is ${standing.status}, it cannot become ${end.status}`);
    }
    const { outcome, ...ending } = end;
    state.runs.set(idOf(model, runId), { ...standing, ...ending, ...(outcome === undefined ? {} : { outcome }) });
  },
  listRuns: async (model, limit, cursor) => pageOf(newestFirst(state.runs.values(), model), limit, cursor),
});

const rollouts = (state: State): Rollouts => {
  const runningOf = (model: string): Rollout | undefined =>
    [...state.rollouts.values()].find((rollout) => rollout.model === model && rollout.status === 'RUNNING');
  return {
    startRollout: async (start) => {
      const standing = state.rollouts.get(idOf(start.model, start.rolloutId));
      if (standing) return standing;
      const running = runningOf(start.model);
      if (running) throw new ConflictError(`rollout ${running.rolloutId} of model ${start.model} is running`);
      const rollout: Rollout = { ...start, status: 'RUNNING', weights: [] };
      state.rollouts.set(idOf(start.model, start.rolloutId), rollout);
      return rollout;
    },
    updateRollout: async (model, rolloutId, change) => {
      const standing = found(state.rollouts.get(idOf(model, rolloutId)), `rollout ${model}/${rolloutId}`);
      if (standing.status !== 'RUNNING') throw new InvalidStateError(`rollout ${rolloutId} is ${standing.status}`);
      const rollout = { ...standing, ...change };
      state.rollouts.set(idOf(model, rolloutId), rollout);
      return rollout;
    },
    endRollout: async ({ model, rolloutId, deployment, ...end }) => {
      const standing = found(state.rollouts.get(idOf(model, rolloutId)), `rollout ${model}/${rolloutId}`);
      if (standing.status === end.status) return standing;
      if (standing.status !== 'RUNNING') throw new InvalidStateError(`rollout ${rolloutId} is ${standing.status}`);
      const rollout: Rollout = { ...standing, ...end };
      if (deployment !== undefined) {
        const registered = state.models.get(model);
        if (registered === undefined) throw new InvalidStateError(`model ${model} is not registered`);
        const aliases = { ...registered.aliases, champion: deployment.version };
        state.models.set(model, { ...registered, aliases });
        state.deployments.set(model, deployment);
        const upstream = modelVersionNode(model, deployment.version);
        const downstream = deploymentNode(model, rolloutId);
        addEdge(state, { upstream, downstream, recordedAtMs: deployment.promotedAtMs });
      }
      state.rollouts.set(idOf(model, rolloutId), rollout);
      return rollout;
    },
    getRollout: async (model, rolloutId) => state.rollouts.get(idOf(model, rolloutId)),
    listRollouts: async (model, limit, cursor) => pageOf(newestFirst(state.rollouts.values(), model), limit, cursor),
    getDeployment: async (model) => state.deployments.get(model),
    getServingSnapshot: async (model) => {
      const runningRolloutId = runningOf(model)?.rolloutId;
      const deployment = state.deployments.get(model);
      return {
        latestVersion: state.models.get(model)?.latestVersion ?? 0,
        ...(runningRolloutId === undefined ? {} : { runningRolloutId }),
        ...(deployment === undefined ? {} : { deployment }),
      };
    },
  };
};

/** Registry and lineage in memory, for tests: the same rules as on DynamoDB, held by one contract suite. */
export const createMemoryRegistry = (): { readonly registry: ModelRegistry; readonly lineage: LineageStore } => {
  const state: State = {
    models: new Map(),
    versions: new Map(),
    runs: new Map(),
    rollouts: new Map(),
    deployments: new Map(),
    edges: new Map(),
  };
  return {
    registry: { ...models(state), ...versions(state), ...runs(state), ...rollouts(state) },
    lineage: {
      upstream: async (node) => [...state.edges.values()].filter(({ downstream }) => sameNode(downstream, node)),
      downstream: async (node) => [...state.edges.values()].filter(({ upstream }) => sameNode(upstream, node)),
    },
  };
};
