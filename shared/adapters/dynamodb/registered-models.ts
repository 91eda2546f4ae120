import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import type { ModelVersion, RegistryAlias } from '../../core/registry/index.ts';
import { InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, type Item, toAttributeValue, toItem } from './attribute-value.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { encodeEntity, entityFields } from './entity.ts';
import { modelEntryKey, modelIndexKey, modelKey, versionKey } from './keys.ts';
import { commit } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';
import { decodeModel, type StoredModel } from './registry-items.ts';
import { getItem, queryPage } from './table.ts';
import { setExpression } from './update-expression.ts';

/** The item of a registered model: its owner, the newest version's number (the counter) and its aliases. */

type RegisteredModels = Pick<ModelRegistry, 'getModel' | 'listModels' | 'setAlias'>;

const ALIAS_DEADLINE_MS = 5_000;

export const findStoredModel = async (
  { client, registryTable }: RegistryContext,
  model: string,
): Promise<StoredModel | undefined> => {
  const item = await getItem(client, registryTable, modelKey(model));
  return item === undefined ? undefined : decodeModel(item);
};

/**
 * Counts one version of a pipeline: sets the counter from `standing` to the next number if nobody else did. The first
 * version creates the item, unless a client did, and makes the model's name known to searches.
 */
export const countVersionActions = (
  table: string,
  version: {
    readonly model: string;
    readonly owner: string;
    readonly registeredAtMs: number;
    readonly standing: StoredModel | undefined;
  },
): readonly TransactWriteItem[] => {
  const { model, owner, registeredAtMs, standing } = version;
  const expected = standing?.fields.latestVersion ?? 0;
  const set = setExpression({
    ...entityFields('RegisteredModel'),
    ...modelIndexKey(model),
    model,
    owner,
    latestVersion: expected + 1,
    latestNone: expected + 1,
    packaged: true,
    updatedAtMs: Math.max(registeredAtMs, standing?.fields.updatedAtMs ?? 0),
    ...(standing === undefined ? { aliases: {}, tags: {}, createdAtMs: registeredAtMs } : {}),
  });
  const count: TransactWriteItem = {
    Update: {
      TableName: table,
      Key: toItem(modelKey(model)),
      ...set,
      ConditionExpression: standing === undefined ? 'attribute_not_exists(pk)' : '#latestVersion = :expected',
      ExpressionAttributeValues: {
        ...set.ExpressionAttributeValues,
        ...(standing === undefined ? {} : { ':expected': toAttributeValue(expected) }),
      },
    },
  };
  const entry = encodeEntity('ModelEntry', modelEntryKey(DEFAULT_WORKSPACE, model), {});
  return standing?.fields.packaged === true ? [count] : [count, { Put: { TableName: table, Item: entry } }];
};

/** Moves an alias; the model must be registered. `undefined` removes it. */
export const moveAliasAction = (
  table: string,
  move: {
    readonly model: string;
    readonly alias: RegistryAlias;
    readonly version: number | undefined;
    readonly atMs: number;
  },
): TransactWriteItem => {
  const { model, alias, version, atMs } = move;
  const updated = 'updatedAtMs = :atMs';
  return {
    Update: {
      TableName: table,
      Key: toItem(modelKey(model)),
      UpdateExpression:
        version === undefined ? `SET ${updated} REMOVE aliases.#alias` : `SET aliases.#alias = :version, ${updated}`,
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#alias': alias },
      ExpressionAttributeValues: {
        ':atMs': toAttributeValue(atMs),
        ...(version === undefined ? {} : { ':version': toAttributeValue(version) }),
      },
    },
  };
};

const approvedCheck = (table: string, home: string, version: number): TransactWriteItem => ({
  ConditionCheck: {
    TableName: table,
    Key: toItem(versionKey(home, version)),
    ConditionExpression: '#status = :approved',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':approved': { S: 'APPROVED' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

const refusalOf = (model: string, alias: string, version: number | undefined, item: Item | undefined): Error => {
  if (item === undefined) return new NotFoundError(`model version ${model}@${version ?? '(any)'} is not registered`);
  const { status } = fromItem(item) as Partial<ModelVersion>;
  return new InvalidStateError(
    `alias ${alias} may only point to an approved version, ${model}@${version} is ${status ?? 'unknown'}`,
  );
};

export const registeredModels = (context: RegistryContext): RegisteredModels => {
  const { client, registryTable } = context;

  const storedModel = async (model: string): Promise<StoredModel> => {
    const stored = await findStoredModel(context, model);
    if (stored === undefined) throw new NotFoundError(`model ${JSON.stringify(model)} has no registered version`);
    return stored;
  };

  return {
    getModel: async (model) => (await storedModel(model)).model,

    listModels: async (limit, cursor) => {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, /^.+$/s);
      const { items, hasMore } = await queryPage(client, {
        TableName: registryTable,
        IndexName: 'gsi1',
        KeyConditionExpression: 'gsi1pk = :models',
        ExpressionAttributeValues: { ':models': { S: 'models' } },
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: toItem({ ...modelKey(after), ...modelIndexKey(after) }) }),
      });
      const models = items.map((item) => decodeModel(item).model);
      const last = models.at(-1);
      return { items: models, ...(hasMore && last ? { nextCursor: encodeCursor(last.model) } : {}) };
    },

    setAlias: async ({ model, alias, version, principal, atMs }) => {
      const { home, fields } = await storedModel(model);
      const actions = [
        moveAliasAction(registryTable, { model, alias, version, atMs }),
        ...(version === undefined ? [] : [approvedCheck(registryTable, home, version)]),
      ];
      const before = fields.aliases[alias];
      const result = await retryWhileContended(
        `moving alias ${alias} of ${model}`,
        ALIAS_DEADLINE_MS,
        async () => {
          const outcome = await commit(context, actions, {
            workspace: DEFAULT_WORKSPACE,
            model,
            action: version === undefined ? 'delete alias' : 'set alias',
            principal,
            atMs,
            ...(before === undefined ? {} : { before: { alias, version: before } }),
            ...(version === undefined ? {} : { version, after: { alias, version } }),
          });
          return outcome.outcome === 'contended' ? CONTENDED : outcome;
        },
        context.pacing,
      );
      if (result.outcome === 'refused') throw refusalOf(model, alias, version, result.refusals[1]?.item);
    },
  };
};
