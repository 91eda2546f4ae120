import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { noSuchModel, noSuchVersion } from '../../../contracts/http/mlflow/registry-errors.ts';
import { DEFAULT_WORKSPACE } from '../../../contracts/registry.ts';
import type { ModelVersion, RegisteredModel } from '../../../core/registry/index.ts';
import { LimitExceededError } from '../../../kernel/errors.ts';
import { fromItem, type Item } from '../attribute-value.ts';
import type { Key } from '../keys.ts';
import {
  MODEL_TAG_PREFIX,
  modelEntryKey,
  modelKey,
  VERSION_PREFIX,
  VERSION_TAG_PREFIX,
  versionKey,
  versionTagKey,
} from '../keys.ts';
import { decodeModel, decodeVersion, homeOf, type StoredModel, type StoredVersion } from '../registry-items.ts';
import { mergedTags } from '../registry-tags.ts';
import { batchGetItems, call, getItem } from '../table.ts';
import type { CatalogContext } from './catalog-context.ts';

/** Reading models and versions, consistently. */

const MAX_PAGES = 500;
const PARALLEL_READS = 8;
const MOST_MODELS = 50_000;

/** Every item of a query, page after page. */
export const queryAll = async (client: DynamoDBClient, input: QueryCommandInput): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let from: Item | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { Items = [], LastEvaluatedKey } = await call(() =>
      client.send(new QueryCommand({ ...input, ...(from === undefined ? {} : { ExclusiveStartKey: from }) })),
    );
    items.push(...Items);
    if (LastEvaluatedKey === undefined) return items;
    from = LastEvaluatedKey;
  }
  throw new LimitExceededError(`a list of the registry is longer than ${MAX_PAGES} pages`);
};

export const queryPrefix = ({ client, registryTable }: CatalogContext, pk: string, prefix: string) =>
  queryAll(client, {
    TableName: registryTable,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
    ConsistentRead: true,
  });

const batchGet = (context: CatalogContext, keys: readonly Key[]): Promise<readonly Item[]> =>
  batchGetItems({ ...context, table: context.registryTable }, keys);

/** Applies `work` to each, a few at a time. */
export const inBatches = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += PARALLEL_READS) {
    results.push(...(await Promise.all(items.slice(at, at + PARALLEL_READS).map(work))));
  }
  return results;
};

export const findModel = async (context: CatalogContext, name: string): Promise<StoredModel | undefined> => {
  const item = await getItem(context.client, context.registryTable, modelKey(name, context.workspace));
  return item === undefined ? undefined : decodeModel(item, context.workspace);
};

/** @throws NotFoundError */
export const readModel = async (context: CatalogContext, name: string): Promise<StoredModel> => {
  const stored = await findModel(context, name);
  if (stored === undefined) throw noSuchModel(name);
  return stored;
};

/** @throws NotFoundError */
export const readVersion = async (
  context: CatalogContext,
  { home, model }: StoredModel,
  version: number,
): Promise<StoredVersion> => {
  const item = await getItem(context.client, context.registryTable, versionKey(home, version));
  if (item === undefined) throw noSuchVersion(model.model, version);
  return decodeVersion(item, model.model);
};

/** The model with all its tags. */
export const wholeModel = async (
  context: CatalogContext,
  { fields, home, model }: StoredModel,
): Promise<RegisteredModel> => {
  if (fields.hasLongTags !== true) return model;
  return { ...model, tags: mergedTags(model.tags, await queryPrefix(context, home, MODEL_TAG_PREFIX)) };
};

/** The version with all its tags. */
export const wholeVersion = async (
  context: CatalogContext,
  home: string,
  { fields, version }: StoredVersion,
): Promise<ModelVersion> => {
  if (fields.hasLongTags !== true) return version;
  const prefix = versionTagKey(home, version.version, '').sk;
  return { ...version, tags: mergedTags(version.tags, await queryPrefix(context, home, prefix)) };
};

export const readVersions = async (
  context: CatalogContext,
  { home, model }: StoredModel,
): Promise<readonly StoredVersion[]> =>
  (await queryPrefix(context, home, VERSION_PREFIX)).map((item) => decodeVersion(item, model.model));

export const wholeVersions = async (context: CatalogContext, stored: StoredModel): Promise<readonly ModelVersion[]> => {
  const versions = await readVersions(context, stored);
  if (!versions.some(({ fields }) => fields.hasLongTags)) return versions.map(({ version }) => version);
  const longTags = await queryPrefix(context, stored.home, VERSION_TAG_PREFIX);
  return versions.map(({ version }) => {
    const prefix = versionTagKey(stored.home, version.version, '').sk;
    const own = longTags.filter(({ sk }) => sk?.S?.startsWith(prefix));
    return own.length === 0 ? version : { ...version, tags: mergedTags(version.tags, own) };
  });
};

/** Names of the workspace's models: some may be gone since. */
const modelNames = async ({ client, registryTable, workspace }: CatalogContext): Promise<ReadonlySet<string>> => {
  const entries = queryAll(client, {
    TableName: registryTable,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: modelEntryKey(workspace, '').pk } },
    ConsistentRead: true,
  });
  // An earlier release made no entries: its models stand in the index, which has long caught up with them.
  const indexed =
    workspace === DEFAULT_WORKSPACE
      ? queryAll(client, {
          TableName: registryTable,
          IndexName: 'gsi1',
          KeyConditionExpression: 'gsi1pk = :models',
          ExpressionAttributeValues: { ':models': { S: 'models' } },
          ProjectionExpression: 'gsi1sk',
        })
      : Promise.resolve([]);
  const [own, old] = await Promise.all([entries, indexed]);
  const names = [...own.map(({ sk }) => sk?.S), ...old.map(({ gsi1sk }) => gsi1sk?.S)];
  return new Set(names.filter((name) => name !== undefined));
};

export const readModels = async (
  context: CatalogContext,
  accepts: (name: string) => boolean = () => true,
): Promise<readonly StoredModel[]> => {
  const names = [...(await modelNames(context))].filter(accepts);
  if (names.length > MOST_MODELS) {
    throw new LimitExceededError(`a search reads ${MOST_MODELS} registered models at most, ${names.length} may match`);
  }
  const items = await batchGet(
    context,
    names.map((name) => modelKey(name, context.workspace)),
  );
  return items.map((item) => decodeModel(item, context.workspace));
};

/** The latest versions of each stage by model name, whole; one that is gone by now is left out. */
export const readLatestVersions = async (
  context: CatalogContext,
  models: readonly RegisteredModel[],
): Promise<ReadonlyMap<string, readonly ModelVersion[]>> => {
  const byHome = new Map(models.map((model) => [homeOf(model, context.workspace), model]));
  const keys = [...byHome].flatMap(([home, { latestByStage }]) =>
    Object.values(latestByStage).map((version) => versionKey(home, version)),
  );
  const latest = new Map<string, ModelVersion[]>(models.map(({ model }) => [model, []]));
  await inBatches(await batchGet(context, keys), async (item) => {
    const home = String(fromItem(item).pk);
    const model = byHome.get(home);
    if (model === undefined) return;
    latest.get(model.model)?.push(await wholeVersion(context, home, decodeVersion(item, model.model)));
  });
  for (const versions of latest.values()) versions.sort((a, b) => a.version - b.version);
  return latest;
};
