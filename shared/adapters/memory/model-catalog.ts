import {
  movedByRollouts,
  namedByLineage,
  nameTaken,
  noSuchModel,
  noSuchVersion,
} from '../../contracts/http/mlflow/registry-errors.ts';
import { isRolloutAlias } from '../../contracts/registry.ts';
import type { ModelVersion, RegisteredModel } from '../../core/registry/index.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { ModelCatalog } from '../../ports/model-catalog.ts';
import { createRegistryState, idOf, putModel, type RegistryState, versionsOf } from './registry-state.ts';

type Texts = Readonly<Record<string, string>>;

const withTag = (tags: Texts, key: string, value: string | undefined): Texts =>
  Object.fromEntries([
    ...Object.entries(tags).filter(([other]) => other !== key),
    ...(value === undefined ? [] : [[key, value] as const]),
  ]);

const modelOf = ({ models }: RegistryState, name: string): RegisteredModel => {
  const model = models.get(name);
  if (model === undefined) throw noSuchModel(name);
  return model;
};

const versionOf = (state: RegistryState, name: string, version: number): ModelVersion => {
  modelOf(state, name);
  const found = state.versions.get(idOf(name, version));
  if (found === undefined) throw noSuchVersion(name, version);
  return found;
};

const touchModel = (state: RegistryState, model: RegisteredModel, atMs: number): RegisteredModel =>
  putModel(state, { ...model, updatedAtMs: Math.max(model.updatedAtMs ?? 0, atMs) });

const putVersion = (state: RegistryState, version: ModelVersion, atMs: number): ModelVersion => {
  state.versions.set(idOf(version.model, version.version), version);
  touchModel(state, modelOf(state, version.model), atMs);
  return version;
};

type ModelSide = Pick<
  ModelCatalog,
  | 'createModel'
  | 'getModel'
  | 'listModels'
  | 'describeModel'
  | 'renameModel'
  | 'deleteModel'
  | 'setModelTag'
  | 'setAlias'
  | 'latestVersions'
>;

const modelSide = (state: RegistryState): ModelSide => ({
  createModel: async ({ model, description, tags }, { principal, atMs }) => {
    const standing = state.models.get(model);
    if (standing !== undefined) throw nameTaken(model, { standing: standing.tags, wanted: tags });
    const fresh = { model, owner: principal, latestVersion: 0, aliases: {}, packaged: false, latestByStage: {} };
    return putModel(state, { ...fresh, description, tags, createdAtMs: atMs, updatedAtMs: atMs });
  },
  getModel: async (name) => modelOf(state, name),
  listModels: async (accepts = () => true) => [...state.models.values()].filter(({ model }) => accepts(model)),
  describeModel: async (name, description, { atMs }) =>
    touchModel(state, { ...modelOf(state, name), description }, atMs),
  renameModel: async (name, newName, { atMs }) => {
    const model = modelOf(state, name);
    if (model.packaged) throw namedByLineage(name, 'renamed');
    if (newName === name) return model;
    if (state.models.has(newName)) throw nameTaken(newName);
    state.models.delete(name);
    for (const version of versionsOf(state, name)) {
      state.versions.delete(idOf(name, version.version));
      state.versions.set(idOf(newName, version.version), { ...version, model: newName });
    }
    return touchModel(state, { ...model, model: newName }, atMs);
  },
  deleteModel: async (name) => {
    if (modelOf(state, name).packaged) throw namedByLineage(name, 'deleted');
    for (const { version } of versionsOf(state, name)) state.versions.delete(idOf(name, version));
    state.models.delete(name);
  },
  setModelTag: async (name, key, value, { atMs }) => {
    const model = modelOf(state, name);
    if (value === undefined && !Object.hasOwn(model.tags, key)) return model;
    touchModel(state, { ...model, tags: withTag(model.tags, key, value) }, atMs);
    return model;
  },
  setAlias: async (name, alias, version, { atMs }) => {
    const model = modelOf(state, name);
    if (version !== undefined) versionOf(state, name, version);
    if (model.packaged && isRolloutAlias(alias)) throw movedByRollouts(name, alias);
    if (version === undefined && !Object.hasOwn(model.aliases, alias)) return model;
    const others = Object.entries(model.aliases).filter(([other]) => other !== alias);
    const aliases = Object.fromEntries([...others, ...(version === undefined ? [] : [[alias, version] as const])]);
    touchModel(state, { ...model, aliases }, atMs);
    return model;
  },
  latestVersions: async (models) =>
    new Map(
      models.map(({ model, latestByStage }) => [
        model,
        Object.values(latestByStage)
          .sort((a, b) => a - b)
          .flatMap((number) => state.versions.get(idOf(model, number)) ?? []),
      ]),
    ),
});

const requireIdle = ({ deployments, rollouts }: RegistryState, name: string, version: number): void => {
  if (deployments.get(name)?.version === version) {
    throw new InvalidRequestError(
      `version ${version} of registered model '${name}' serves: it can be deleted once a rollout has replaced it`,
    );
  }
  for (const { model, rolloutId, status } of rollouts.values()) {
    if (model !== name || status !== 'RUNNING') continue;
    throw new InvalidRequestError(
      `rollout ${rolloutId} of registered model '${name}' runs: its versions can be deleted once it has ended`,
    );
  }
};

const versionSide = (state: RegistryState): Omit<ModelCatalog, keyof ModelSide> => ({
  createVersion: async (name, about, { atMs }) => {
    const model = modelOf(state, name);
    const version = model.latestVersion + 1;
    state.models.set(name, { ...model, latestVersion: version });
    const stamps = { registeredAtMs: atMs, updatedAtMs: atMs };
    return putVersion(state, { ...about, model: name, version, status: 'REFERENCED', stage: 'None', ...stamps }, atMs);
  },
  getVersion: async (name, version) => versionOf(state, name, version),
  listVersions: async (name) => versionsOf(state, name),
  describeVersion: async (name, version, description, { atMs }) =>
    putVersion(state, { ...versionOf(state, name, version), description, updatedAtMs: atMs }, atMs),
  setStage: async (name, version, { stage, archiveOthers }, { atMs }) => {
    const target = versionOf(state, name, version);
    const others = archiveOthers ? versionsOf(state, name).filter((one) => one !== target && one.stage === stage) : [];
    for (const other of others) putVersion(state, { ...other, stage: 'Archived', updatedAtMs: atMs }, atMs);
    return putVersion(state, { ...target, stage, updatedAtMs: atMs }, atMs);
  },
  deleteVersion: async (name, version, { atMs }) => {
    versionOf(state, name, version);
    const model = modelOf(state, name);
    if (model.packaged) requireIdle(state, name, version);
    state.versions.delete(idOf(name, version));
    const aliases = Object.fromEntries(Object.entries(model.aliases).filter(([, to]) => to !== version));
    touchModel(state, { ...model, aliases }, atMs);
  },
  setVersionTag: async (name, version, key, value, { atMs }) => {
    const target = versionOf(state, name, version);
    const model = modelOf(state, name);
    if (value === undefined && !Object.hasOwn(target.tags, key)) return model;
    putVersion(state, { ...target, tags: withTag(target.tags, key, value) }, atMs);
    return model;
  },
});

/** The catalog of one workspace in memory, for tests. */
export const createMemoryCatalog = (state: RegistryState = createRegistryState()): ModelCatalog => ({
  ...modelSide(state),
  ...versionSide(state),
});
