import { type DynamoDBClient, PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { LoggedModelRules } from '../../../core/logged-models/index.ts';
import type { LoggedModel, MetricPoint } from '../../../core/tracking/index.ts';
import { AlreadyExistsError, LimitExceededError, NotFoundError } from '../../../kernel/errors.ts';
import { shorten } from '../../../kernel/show-value.ts';
import type { ArtifactStore } from '../../../ports/artifact-store.ts';
import type { LoggedModelStore } from '../../../ports/logged-model-store.ts';
import type { Item } from '../attribute-value.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from '../contention.ts';
import { decodeEntity, encodeEntity } from '../entity.ts';
import { batchGetItems, call, getItem, queryItems, transact } from '../table.ts';
import { trackingKeys } from '../tracking/keys.ts';
import { packItem, unpackItem } from '../tracking/packed-document.ts';
import { loggedModelKeys } from './keys.ts';
import { fromDocument, type LoggedModelDocument, toDocument } from './logged-model-document.ts';

const DEADLINE_MS = 5_000;
const MAX_MODELS = 10_000;
/** A model never moves, so where it stands is remembered; the longest known goes first. */
const MAX_KNOWN_HOMES = 10_000;
/** Documents are written side by side, a few at once. */
const PARALLEL_MODELS = 8;

export interface LoggedModelStoreOptions {
  readonly client: DynamoDBClient;
  /** The tracking table. */
  readonly table: string;
  readonly workspace: string;
  /** Where documents go that are too large for an item. */
  readonly values: Pick<ArtifactStore, 'get' | 'putIfAbsent'>;
  readonly rules: LoggedModelRules;
  readonly pacing?: RetryPacing;
}

const missing = (modelId: string): NotFoundError =>
  new NotFoundError(`Logged model with ID '${shorten(modelId)}' not found.`);

const createHomes = ({ client, table, workspace }: LoggedModelStoreOptions) => {
  const keys = loggedModelKeys(workspace);
  const known = new Map<string, string>();
  return async (modelId: string): Promise<string> => {
    const remembered = known.get(modelId);
    if (remembered !== undefined) return remembered;
    const item = await getItem(client, table, keys.home(modelId));
    if (item === undefined) throw missing(modelId);
    const { experimentId } = decodeEntity<{ readonly experimentId: string }>('LoggedModelHome', item);
    if (known.size >= MAX_KNOWN_HOMES) known.delete(known.keys().next().value ?? '');
    known.set(modelId, experimentId);
    return experimentId;
  };
};

interface Stored {
  readonly model: LoggedModel;
  /** Goes up by one with each write. */
  readonly rev: number;
}

const createDocuments = (options: LoggedModelStoreOptions) => {
  const { client, table, workspace, values } = options;
  const keys = loggedModelKeys(workspace);
  const packing = { values, keys: trackingKeys(workspace) };
  const homeOf = createHomes(options);

  const decode = async (item: Item): Promise<Stored> => {
    const document = await unpackItem<LoggedModelDocument>(packing, 'LoggedModel', item);
    return { model: fromDocument(document), rev: Number(item.rev?.N) };
  };

  const encode = async ({ model, rev }: Stored): Promise<Item> => {
    const key = keys.model(model.experimentId, model.modelId);
    return (await packItem(packing, 'LoggedModel', { ...key, rev }, toDocument(model))).item;
  };

  return {
    decode,
    encode,

    read: async (modelId: string): Promise<Stored> => {
      const item = await getItem(client, table, keys.model(await homeOf(modelId), modelId));
      const stored = item === undefined ? undefined : await decode(item);
      if (stored?.model.lifecycleStage !== 'active') throw missing(modelId);
      return stored;
    },

    replace: async (former: Stored, model: LoggedModel): Promise<LoggedModel | typeof CONTENDED> => {
      const put = new PutItemCommand({
        TableName: table,
        Item: await encode({ model, rev: former.rev + 1 }),
        ConditionExpression: 'rev = :former',
        ExpressionAttributeValues: { ':former': { N: String(former.rev) } },
      });
      try {
        await call(() => client.send(put));
        return model;
      } catch (error) {
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return CONTENDED;
        throw error;
      }
    },
  };
};

const modelsOf = (points: readonly MetricPoint[]): readonly string[] => [
  ...new Set(points.flatMap(({ modelId }) => (modelId === undefined ? [] : [modelId]))),
];

interface Place {
  readonly experimentId: string;
  readonly modelId: string;
}

/** The document with what leads to it: by its id, and by its run. */
const creation = async (
  { table, workspace }: LoggedModelStoreOptions,
  documents: Pick<ReturnType<typeof createDocuments>, 'encode'>,
  model: LoggedModel,
): Promise<readonly TransactWriteItem[]> => {
  const { modelId, experimentId, sourceRunId } = model;
  const keys = loggedModelKeys(workspace);
  const home = encodeEntity('LoggedModelHome', keys.home(modelId), { experimentId });
  const put = (Item: Item): TransactWriteItem => ({ Put: { TableName: table, Item } });
  return [
    { Put: { TableName: table, Item: home, ConditionExpression: 'attribute_not_exists(pk)' } },
    put(await documents.encode({ model, rev: 1 })),
    ...(sourceRunId === undefined
      ? []
      : [put(encodeEntity('LoggedModelOfRun', keys.ofRun(sourceRunId, modelId), { experimentId, modelId }))]),
  ];
};

const queryAll = async ({ client, table }: LoggedModelStoreOptions, partition: string): Promise<readonly Item[]> => {
  const { items, hasMore } = await queryItems(
    client,
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: partition } },
      ConsistentRead: true,
    },
    MAX_MODELS,
  );
  if (hasMore) throw new LimitExceededError(`a search meets more than ${MAX_MODELS} logged models at once`);
  return items;
};

const active = (stored: readonly Stored[]): readonly LoggedModel[] =>
  stored.map(({ model }) => model).filter(({ lifecycleStage }) => lifecycleStage === 'active');

/**
 * Logged models in the tracking table. Needs dynamodb:GetItem, BatchGetItem, PutItem (also in a transaction) and Query on it,
 * and what `values` needs.
 */
export const createLoggedModelStore = (options: LoggedModelStoreOptions): LoggedModelStore => {
  const { client, table, workspace, rules, pacing = realPacing } = options;
  const keys = loggedModelKeys(workspace);
  const documents = createDocuments(options);

  const change: LoggedModelStore['change'] = (modelId, decide) =>
    retryWhileContended(
      `changing logged model ${modelId}`,
      DEADLINE_MS,
      async () => {
        const former = await documents.read(modelId);
        const model = decide(former.model);
        return model === former.model ? model : documents.replace(former, model);
      },
      pacing,
    );

  return {
    create: async (model) => {
      const outcome = await retryWhileContended(
        `creating logged model ${model.modelId}`,
        DEADLINE_MS,
        async () => {
          const result = await transact(client, await creation(options, documents, model));
          return result.outcome === 'contended' ? CONTENDED : result.outcome;
        },
        pacing,
      );
      if (outcome === 'refused') {
        throw new AlreadyExistsError(`Logged model with ID '${model.modelId}' already exists.`);
      }
    },

    get: async (modelId) => (await documents.read(modelId)).model,
    change,

    recordMetrics: async (points, runId) => {
      const modelIds = modelsOf(points);
      for (let at = 0; at < modelIds.length; at += PARALLEL_MODELS) {
        const batch = modelIds.slice(at, at + PARALLEL_MODELS);
        await Promise.all(batch.map((modelId) => change(modelId, (model) => rules.withMetrics(model, points, runId))));
      }
    },

    recordRegistration: async (modelId, registration, atMs) => {
      await change(modelId, (model) => rules.withRegistration(model, registration, atMs));
    },

    list: async (experimentId) => {
      const items = await queryAll(options, keys.partition(experimentId));
      return active(await Promise.all(items.map(documents.decode)));
    },

    listOfRun: async (runId) => {
      const entries = await queryAll(options, keys.runPartition(runId));
      const places = entries.map((item) => decodeEntity<Place>('LoggedModelOfRun', item));
      const documentKeys = places.map(({ experimentId, modelId }) => keys.model(experimentId, modelId));
      const items = await batchGetItems({ client, table, pacing }, documentKeys);
      return active(await Promise.all(items.map(documents.decode)));
    },
  };
};
