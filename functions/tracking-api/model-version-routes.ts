import { listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import {
  canonicalStage,
  isPrompt,
  type ModelVersion,
  nameClauses,
  promptSearch,
  type RegisteredModel,
  readVersionField,
  requireArchivable,
  requireDescription,
  requireRegistryTagKey,
} from '../../shared/core/registry/index.ts';
import {
  type Field,
  matcherOf,
  parseModelVersionFilter,
  parseModelVersionOrderBy,
  searchList,
} from '../../shared/core/tracking/index.ts';
import { authorOf, modelNameOf, registryTagOf, versionOf } from './decode-registry.ts';
import { filledText, maxResultsOf } from './decode-tracking.ts';
import { encodeModelVersion } from './encode-model-version.ts';
import { fittingCount } from './fitting-count.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';
import { registerVersion, storageLocationOf } from './register-version.ts';
import { announce } from './registry-event.ts';

/** Model versions: what was registered under a model's name. */

const DEFAULT_RESULTS = 10_000;
const MOST_RESULTS = 200_000;
const PARALLEL_READS = 8;

const shown = async ({ ports }: MlflowCall, version: ModelVersion): Promise<MlflowAnswer> => ({
  model_version: encodeModelVersion(version, await ports.catalog.getModel(version.model)),
});

const get = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  return shown(call, await ports.catalog.getVersion(modelNameOf(input), versionOf(input)));
};

const getDownloadUri = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => ({
  artifact_uri: storageLocationOf(await ports.catalog.getVersion(modelNameOf(input), versionOf(input))),
});

/** An absent description is an empty one, as in MLflow. */
const update = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const description = requireDescription(input.text('description') ?? '');
  const [name, version] = [modelNameOf(input), versionOf(input)];
  return shown(call, await ports.catalog.describeVersion(name, version, description, authorOf(call)));
};

const transitionStage = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const [name, version] = [modelNameOf(input), versionOf(input)];
  const stage = canonicalStage(input.requiredText('stage'));
  const archiveOthers = input.boolean('archive_existing_versions') ?? false;
  if (archiveOthers) requireArchivable(stage);
  return shown(call, await ports.catalog.setStage(name, version, { stage, archiveOthers }, authorOf(call)));
};

const remove = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  await ports.catalog.deleteVersion(modelNameOf(input), versionOf(input), authorOf(call));
  return {};
};

interface Listed {
  readonly version: ModelVersion;
  readonly model: RegisteredModel;
}

const listVersions = async ({ ports }: MlflowCall, models: readonly RegisteredModel[]): Promise<readonly Listed[]> => {
  const all: Listed[] = [];
  for (let at = 0; at < models.length; at += PARALLEL_READS) {
    const read = models.slice(at, at + PARALLEL_READS).map(async (model) => {
      const versions = await ports.catalog.listVersions(model.model);
      return versions.map((version) => ({ version, model }));
    });
    all.push(...(await Promise.all(read)).flat());
  }
  return all;
};

/** A page that does not fit into one answer is cut: the rest comes with its token. */
const search = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const maxResults = maxResultsOf(input, { absent: DEFAULT_RESULTS, most: MOST_RESULTS });
  const { wantsPrompts, filter } = promptSearch(parseModelVersionFilter(input.text('filter')));
  const orderBy = parseModelVersionOrderBy(input.texts('order_by'));
  const pageToken = filledText(input, 'page_token');
  const models = await ports.catalog.listModels(matcherOf<string>(nameClauses(filter), (name) => name));
  const wanted = models.filter(({ tags, latestVersion }) => latestVersion > 0 && (wantsPrompts || !isPrompt(tags)));
  const versions = await listVersions(call, wanted);
  const entities = wantsPrompts ? versions : versions.filter(({ version }) => !isPrompt(version.tags));
  const request = {
    entities,
    readField: ({ version }: Listed, field: Field) => readVersionField(version, field),
    filter,
    orderBy,
    scope: wantsPrompts,
    ...(pageToken === undefined ? {} : { pageToken }),
  };
  const page = searchList({ ...request, maxResults });
  const encoded = page.entities.map(({ version, model }) => encodeModelVersion(version, model));
  const count = fittingCount(encoded);
  const { nextPageToken } = count === encoded.length ? page : searchList({ ...request, maxResults: count });
  return {
    ...listed('model_versions', encoded.slice(0, count)),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
  };
};

const tagEntity = (model: RegisteredModel): 'prompt_version_tag' | 'model_version_tag' =>
  isPrompt(model.tags) ? 'prompt_version_tag' : 'model_version_tag';

const setTag = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const [name, version] = [modelNameOf(input), versionOf(input)];
  const { key, value } = registryTagOf(input);
  const model = await ports.catalog.setVersionTag(name, version, key, value, authorOf(call));
  const data = { name, version: String(version), key, value };
  await announce(call, { entity: tagEntity(model), action: 'set', data });
  return {};
};

const deleteTag = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const [name, version] = [modelNameOf(input), versionOf(input)];
  const key = input.requiredText('key');
  requireRegistryTagKey(key);
  const model = await ports.catalog.setVersionTag(name, version, key, undefined, authorOf(call));
  await announce(call, { entity: tagEntity(model), action: 'deleted', data: { name, version: String(version), key } });
  return {};
};

const VERSIONS = '/2.0/mlflow/model-versions';

export const modelVersionRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: `${VERSIONS}/create`, handle: registerVersion },
  { method: 'GET', path: `${VERSIONS}/get`, handle: get },
  { method: 'GET', path: `${VERSIONS}/get-download-uri`, handle: getDownloadUri },
  { method: 'GET', path: `${VERSIONS}/search`, handle: search },
  { method: 'PATCH', path: `${VERSIONS}/update`, handle: update },
  { method: 'POST', path: `${VERSIONS}/transition-stage`, handle: transitionStage },
  { method: 'DELETE', path: `${VERSIONS}/delete`, handle: remove },
  { method: 'POST', path: `${VERSIONS}/set-tag`, handle: setTag },
  { method: 'DELETE', path: `${VERSIONS}/delete-tag`, handle: deleteTag },
];
