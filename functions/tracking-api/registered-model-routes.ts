import { listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import { noSuchAlias } from '../../shared/contracts/http/mlflow/registry-errors.ts';
import {
  canonicalStage,
  isPrompt,
  LATEST_ALIAS,
  nameClauses,
  promptSearch,
  type RegisteredModel,
  readModelField,
  requireAliasName,
  requireDescription,
  requireFreeAliasName,
  requireRegistryTagKey,
  VERSION_STAGES,
} from '../../shared/core/registry/index.ts';
import {
  matcherOf,
  parseRegisteredModelFilter,
  parseRegisteredModelOrderBy,
  searchList,
} from '../../shared/core/tracking/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { authorOf, modelNameOf, registryTagOf, registryTagsOf, versionOf } from './decode-registry.ts';
import { filledText, maxResultsOf } from './decode-tracking.ts';
import { encodeModelVersion } from './encode-model-version.ts';
import { encodeRegisteredModel } from './encode-registered-model.ts';
import { fittingCount } from './fitting-count.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';
import { announce } from './registry-event.ts';

/** Registered models: names under which model versions are counted, with tags and aliases. */

const DEFAULT_RESULTS = 100;
const MOST_RESULTS = 1_000;

const shown = async ({ ports }: MlflowCall, model: RegisteredModel): Promise<MlflowAnswer> => {
  const latest = await ports.catalog.latestVersions([model]);
  return { registered_model: encodeRegisteredModel(model, latest.get(model.model) ?? []) };
};

const create = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const name = modelNameOf(input);
  const description = requireDescription(input.text('description') ?? '');
  const tags = registryTagsOf(input);
  const model = await ports.catalog.createModel({ model: name, description, tags }, authorOf(call));
  const entity = isPrompt(tags) ? 'prompt' : 'registered_model';
  await announce(call, { entity, action: 'created', data: { name, tags, description } });
  return { registered_model: encodeRegisteredModel(model, []) };
};

const get = async (call: MlflowCall): Promise<MlflowAnswer> =>
  shown(call, await call.ports.catalog.getModel(modelNameOf(call.input)));

/** An absent description is an empty one, as in MLflow. */
const update = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const description = requireDescription(input.text('description') ?? '');
  return shown(call, await ports.catalog.describeModel(modelNameOf(input), description, authorOf(call)));
};

const rename = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const [name, newName] = [modelNameOf(input), modelNameOf(input, 'new_name')];
  return shown(call, await ports.catalog.renameModel(name, newName, authorOf(call)));
};

const remove = async (call: MlflowCall): Promise<MlflowAnswer> => {
  await call.ports.catalog.deleteModel(modelNameOf(call.input), authorOf(call));
  return {};
};

/** A page that does not fit into one answer is cut: the rest comes with its token. */
const search = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const maxResults = maxResultsOf(input, { absent: DEFAULT_RESULTS, most: MOST_RESULTS });
  const { wantsPrompts, filter } = promptSearch(parseRegisteredModelFilter(input.text('filter')));
  const orderBy = parseRegisteredModelOrderBy(input.texts('order_by'));
  const pageToken = filledText(input, 'page_token');
  const named = matcherOf<string>(nameClauses(filter), (name) => name);
  const models = await ports.catalog.listModels(named);
  const entities = wantsPrompts ? models : models.filter(({ tags }) => !isPrompt(tags));
  const request = { entities, readField: readModelField, filter, orderBy, scope: wantsPrompts };
  const from = pageToken === undefined ? {} : { pageToken };
  const page = searchList({ ...request, ...from, maxResults });
  const latest = await ports.catalog.latestVersions(page.entities);
  const encoded = page.entities.map((model) => encodeRegisteredModel(model, latest.get(model.model) ?? []));
  const count = fittingCount(encoded);
  const { nextPageToken } = count === encoded.length ? page : searchList({ ...request, ...from, maxResults: count });
  return {
    ...listed('registered_models', encoded.slice(0, count)),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
  };
};

const getLatestVersions = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const model = await ports.catalog.getModel(modelNameOf(input));
  const asked = input.texts('stages').map(canonicalStage);
  const stages = asked.length === 0 ? VERSION_STAGES : asked;
  const latest = (await ports.catalog.latestVersions([model])).get(model.model) ?? [];
  const versions = latest.filter(({ stage }) => stages.includes(stage));
  return listed(
    'model_versions',
    versions.map((version) => encodeModelVersion(version, model)),
  );
};

const setTag = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const name = modelNameOf(input);
  const { key, value } = registryTagOf(input);
  const model = await ports.catalog.setModelTag(name, key, value, authorOf(call));
  if (isPrompt(model.tags)) await announce(call, { entity: 'prompt_tag', action: 'set', data: { name, key, value } });
  return {};
};

const deleteTag = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const name = modelNameOf(input);
  const key = input.requiredText('key');
  requireRegistryTagKey(key);
  const model = await ports.catalog.setModelTag(name, key, undefined, authorOf(call));
  if (isPrompt(model.tags)) await announce(call, { entity: 'prompt_tag', action: 'deleted', data: { name, key } });
  return {};
};

const aliasEntity = (model: RegisteredModel): 'prompt_alias' | 'model_version_alias' =>
  isPrompt(model.tags) ? 'prompt_alias' : 'model_version_alias';

const setAlias = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const name = modelNameOf(input);
  const alias = input.requiredText('alias');
  requireFreeAliasName(alias);
  const version = versionOf(input);
  const model = await ports.catalog.setAlias(name, alias, version, authorOf(call));
  const data = { name, alias, version: String(version) };
  await announce(call, { entity: aliasEntity(model), action: 'created', data });
  return {};
};

const deleteAlias = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports } = call;
  const name = modelNameOf(input);
  const alias = input.requiredText('alias');
  requireAliasName(alias);
  const model = await ports.catalog.setAlias(name, alias, undefined, authorOf(call));
  await announce(call, { entity: aliasEntity(model), action: 'deleted', data: { name, alias } });
  return {};
};

const getByAlias = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const name = modelNameOf(input);
  const alias = input.requiredText('alias');
  requireAliasName(alias);
  const model = await ports.catalog.getModel(name);
  const isLatest = alias.toLowerCase() === LATEST_ALIAS;
  const version = isLatest
    ? Math.max(0, ...Object.values(model.latestByStage))
    : Object.hasOwn(model.aliases, alias) && model.aliases[alias];
  if (isLatest && version === 0) throw new NotFoundError(`Latest version not found for model ${name}.`);
  if (!version) throw noSuchAlias(alias);
  return { model_version: encodeModelVersion(await ports.catalog.getVersion(name, version), model) };
};

const MODELS = '/2.0/mlflow/registered-models';

export const registeredModelRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: `${MODELS}/create`, handle: create },
  { method: 'GET', path: `${MODELS}/get`, handle: get },
  { method: 'GET', path: `${MODELS}/search`, handle: search },
  { method: 'PATCH', path: `${MODELS}/update`, handle: update },
  { method: 'POST', path: `${MODELS}/rename`, handle: rename },
  { method: 'DELETE', path: `${MODELS}/delete`, handle: remove },
  { method: 'POST', path: `${MODELS}/get-latest-versions`, handle: getLatestVersions },
  { method: 'GET', path: `${MODELS}/get-latest-versions`, handle: getLatestVersions },
  { method: 'POST', path: `${MODELS}/set-tag`, handle: setTag },
  { method: 'DELETE', path: `${MODELS}/delete-tag`, handle: deleteTag },
  { method: 'POST', path: `${MODELS}/alias`, handle: setAlias },
  { method: 'DELETE', path: `${MODELS}/alias`, handle: deleteAlias },
  { method: 'GET', path: `${MODELS}/alias`, handle: getByAlias },
];
