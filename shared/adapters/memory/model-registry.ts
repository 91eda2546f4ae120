import {
  datasetSnapshotNode,
  deploymentNode,
  modelVersionNode,
  originVersionNode,
  rolloutNode,
  runNode,
} from '../../contracts/lineage.ts';
import { packageSource } from '../../contracts/registry.ts';
import type { LineageEdge, LineageNode } from '../../core/lineage/index.ts';
import type { ModelVersion, ReferencedVersion, Rollout } from '../../core/registry/index.ts';
import { ConflictError, InvalidRequestError, InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import { type EdgePage, type LineageStore, MOST_EDGES_READ } from '../../ports/lineage-store.ts';
import type { ModelCatalog } from '../../ports/model-catalog.ts';
import type { ModelRegistry, Page } from '../../ports/model-registry.ts';
import { createMemoryCatalog } from './model-catalog.ts';
import { createRegistryState, idOf, putModel, type RegistryState as State, versionsOf } from './registry-state.ts';
import { versionDecisions } from './version-decisions.ts';

const sameNode = (a: LineageNode, b: LineageNode): boolean => a.kind === b.kind && a.id === b.id;

const addEdge = (state: State, edge: LineageEdge): void => {
  const { upstream, downstream } = edge;
  const name = JSON.stringify([upstream.kind, upstream.id, downstream.kind, downstream.id]);
  if (!state.edges.has(name)) state.edges.set(name, edge);
};

const pageOf = <T>(items: readonly T[], limit: number, cursor: string | undefined, largest = 100): Page<T> => {
  if (!Number.isInteger(limit) || limit < 1 || limit > largest) {
    throw new InvalidRequestError(`limit must be an integer in [1, ${largest}], got ${limit}`);
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
type Versions = Pick<
  ModelRegistry,
  'registerVersion' | 'packageVersion' | 'notePackaging' | 'getVersion' | 'listVersions'
>;
type Decisions = ReturnType<typeof versionDecisions>;
type Runs = Pick<ModelRegistry, 'startRun' | 'endRun' | 'getRun' | 'listRuns'>;
type Rollouts = Omit<ModelRegistry, keyof Models | keyof Versions | keyof Decisions | keyof Runs>;

const models = (state: State): Models => ({
  getModel: async (model) => found(state.models.get(model), `model ${model}`),
  listModels: async (limit, cursor) =>
    pageOf(
      [...state.models.values()].sort((a, b) => (a.model < b.model ? -1 : 1)),
      limit,
      cursor,
    ),
  setAlias: async ({ model, alias, version, atMs }) => {
    const registered = found(state.models.get(model), `model ${model}`);
    const { [alias]: _, ...others } = registered.aliases;
    if (version !== undefined) {
      const { status } = found(state.versions.get(idOf(model, version)), `model version ${model}@${version}`);
      if (status !== 'APPROVED') throw new InvalidStateError(`${model}@${version} is ${status}, not APPROVED`);
    }
    const aliases = version === undefined ? others : { ...others, [alias]: version };
    putModel(state, { ...registered, aliases, updatedAtMs: atMs });
  },
});

const versions = (state: State): Versions => ({
  registerVersion: async ({ owner, principal: _, ...registration }) => {
    const { model, runId, registeredAtMs: recordedAtMs } = registration;
    const before = versionsOf(state, model).find((version) => version.runId === runId);
    if (before) return before;
    const standing = state.models.get(model);
    const fresh = { model, latestVersion: 0, aliases: {}, description: '', tags: {}, createdAtMs: recordedAtMs };
    const registered = standing ?? { ...fresh, latestByStage: {} };
    const number = registered.latestVersion + 1;
    const version: ModelVersion = {
      description: '',
      tags: {},
      ...registration,
      version: number,
      status: 'PENDING_APPROVAL',
      updatedAtMs: recordedAtMs,
      source: packageSource(registration.artifactPrefix),
      stage: 'None',
    };
    state.versions.set(idOf(model, number), version);
    const changed = { ...registered, owner, latestVersion: number, packaged: true };
    putModel(state, { ...changed, updatedAtMs: Math.max(recordedAtMs, standing?.updatedAtMs ?? 0) });
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
  packageVersion: async ({ owner, principal: _, atMs, tag, submittedBy, trackingRunId, ...pack }, admit) => {
    const { model, version, runId, datasetSnapshot } = pack;
    const standing = found(state.versions.get(idOf(model, version)), `version ${model}@${version}`);
    const isSame = standing.runId === runId || standing.modelDigest === pack.modelDigest;
    if (standing.modelDigest !== undefined && isSame) return standing;
    admit(standing);
    const { storageLocation: _location, ...kept } = standing as ReferencedVersion;
    const packaged: ModelVersion = {
      ...kept,
      ...pack,
      status: 'PENDING_APPROVAL',
      trackingRunId: standing.runId ?? trackingRunId,
      submittedBy: standing.userId ?? submittedBy,
      packaging: { state: 'PACKAGED', runId, atMs },
      tags: { ...standing.tags, [tag]: 'PACKAGED' },
      updatedAtMs: Math.max(standing.updatedAtMs, atMs),
    };
    state.versions.set(idOf(model, version), packaged);
    const registered = found(state.models.get(model), `model ${model}`);
    const served = registered.packaged ? registered : { ...registered, owner, packaged: true };
    putModel(state, { ...served, updatedAtMs: Math.max(registered.updatedAtMs ?? 0, atMs) });
    const run = runNode(model, runId);
    addEdge(state, { upstream: datasetSnapshotNode(datasetSnapshot), downstream: run, recordedAtMs: atMs });
    addEdge(state, { upstream: run, downstream: modelVersionNode(model, version), recordedAtMs: atMs });
    return packaged;
  },
  notePackaging: async ({ model, version, tag, atMs }, decide) => {
    const standing = state.versions.get(idOf(model, version));
    const packaging = standing && decide(standing);
    if (standing === undefined || packaging === undefined) return;
    const tags = { ...standing.tags, [tag]: packaging.state };
    const updatedAtMs = Math.max(standing.updatedAtMs, atMs);
    state.versions.set(idOf(model, version), { ...standing, packaging, tags, updatedAtMs });
  },
  getVersion: async (model, version) => found(state.versions.get(idOf(model, version)), `version ${model}@${version}`),
  listVersions: async (model, limit, cursor) => {
    const all = [...versionsOf(state, model)];
    return pageOf(
      all.sort((a, b) => b.version - a.version),
      limit,
      cursor,
    );
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
  getRun: async (model, runId) => state.runs.get(idOf(model, runId)),
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
      const lifecycle = state.versions.get(idOf(start.model, start.version))?.lifecycle;
      if (lifecycle !== undefined) throw new InvalidStateError(`${start.model}@${start.version} is ${lifecycle}`);
      const rollout: Rollout = { ...start, status: 'RUNNING', weights: [], shifts: [] };
      state.rollouts.set(idOf(start.model, start.rolloutId), rollout);
      addEdge(state, {
        upstream: modelVersionNode(start.model, start.version),
        downstream: rolloutNode(start.model, start.rolloutId),
        recordedAtMs: start.startedAtMs,
      });
      return rollout;
    },
    updateRollout: async (model, rolloutId, change) => {
      const standing = found(state.rollouts.get(idOf(model, rolloutId)), `rollout ${model}/${rolloutId}`);
      if (standing.status !== 'RUNNING') throw new InvalidStateError(`rollout ${rolloutId} is ${standing.status}`);
      const rollout = { ...standing, ...change };
      state.rollouts.set(idOf(model, rolloutId), rollout);
      return rollout;
    },
    decideRollout: async ({ model, rolloutId, ...decision }) => {
      const standing = found(state.rollouts.get(idOf(model, rolloutId)), `rollout ${model}/${rolloutId}`);
      const { status, decision: before } = standing;
      if (before?.action === decision.action) return standing;
      if (before !== undefined || status !== 'RUNNING') {
        throw new InvalidStateError(`rollout ${rolloutId} is ${status}, ${before?.decidedBy ?? 'nobody'} decided`);
      }
      const rollout: Rollout = { ...standing, decision };
      state.rollouts.set(idOf(model, rolloutId), rollout);
      return rollout;
    },
    endRollout: async ({ model, rolloutId, deployment, principal: _, ...end }) => {
      const standing = found(state.rollouts.get(idOf(model, rolloutId)), `rollout ${model}/${rolloutId}`);
      if (standing.status === end.status) return standing;
      if (standing.status !== 'RUNNING') throw new InvalidStateError(`rollout ${rolloutId} is ${standing.status}`);
      const rollout: Rollout = { ...standing, ...end };
      if (deployment !== undefined) {
        const registered = state.models.get(model);
        if (registered === undefined) throw new InvalidStateError(`model ${model} is not registered`);
        const aliases = { ...registered.aliases, champion: deployment.version };
        putModel(state, { ...registered, aliases, updatedAtMs: deployment.promotedAtMs });
        state.deployments.set(model, deployment);
        const upstream = modelVersionNode(model, deployment.version);
        const downstream = deploymentNode(model, rolloutId);
        const recordedAtMs = deployment.promotedAtMs;
        addEdge(state, { upstream, downstream, recordedAtMs });
        addEdge(state, { upstream: rolloutNode(model, rolloutId), downstream, recordedAtMs });
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

const lineageOf = (state: State): LineageStore => {
  const edgesAt = (at: 'upstream' | 'downstream', node: LineageNode, page: EdgePage = {}): Page<LineageEdge> => {
    const { limit = MOST_EDGES_READ, cursor, atMs = Number.MAX_SAFE_INTEGER } = page;
    const edges = [...state.edges.values()].filter((edge) => sameNode(edge[at], node) && edge.recordedAtMs <= atMs);
    const other = at === 'upstream' ? 'downstream' : 'upstream';
    const textOf = (edge: LineageEdge): string => `${edge[other].kind}#${edge[other].id}`;
    return pageOf(
      edges.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1)),
      limit,
      cursor,
      MOST_EDGES_READ,
    );
  };
  return {
    upstream: async (node, page) => edgesAt('downstream', node, page),
    downstream: async (node, page) => edgesAt('upstream', node, page),
    record: async (edges) => {
      for (const edge of edges) addEdge(state, edge);
    },
  };
};

/**
 * Registry, lineage and the catalog of the default workspace in memory, for tests: the same rules as on DynamoDB, held by
 * one contract suite.
 */
export const createMemoryRegistry = (): {
  readonly registry: ModelRegistry;
  readonly lineage: LineageStore;
  readonly catalog: ModelCatalog;
} => {
  const state = createRegistryState();
  return {
    registry: { ...models(state), ...versions(state), ...versionDecisions(state), ...runs(state), ...rollouts(state) },
    lineage: lineageOf(state),
    catalog: createMemoryCatalog(state),
  };
};
