import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { ModelVersion, RegisteredModel, RegistryAlias } from '../../core/registry/index.ts';
import { InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, toAttributeValue, toItem } from './attribute-value.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity, entityFields } from './entity.ts';
import { modelIndexKey, modelKey, versionKey } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';
import { getItem, queryPage, transact } from './table.ts';
import { setExpression } from './update-expression.ts';

/** The item of a registered model: its owner, the newest version's number (the counter) and its aliases. */

type RegisteredModels = Pick<ModelRegistry, 'getModel' | 'listModels' | 'setAlias'>;

const ALIAS_DEADLINE_MS = 5_000;

/**
 * Counts one version: sets the counter from `expected` to the next number if nobody else did.
 * `expected` is 0 for the first version, which creates the item.
 */
export const countVersionAction = (
  table: string,
  { model, owner, expected }: { readonly model: string; readonly owner: string; readonly expected: number },
): TransactWriteItem => {
  const fields = {
    ...entityFields('RegisteredModel'),
    ...modelIndexKey(model),
    model,
    owner,
    latestVersion: expected + 1,
  };
  const set = setExpression(expected === 0 ? { ...fields, aliases: {} } : fields);
  return {
    Update: {
      TableName: table,
      Key: toItem(modelKey(model)),
      ...set,
      ConditionExpression: expected === 0 ? 'attribute_not_exists(pk)' : '#latestVersion = :expected',
      ExpressionAttributeValues: {
        ...set.ExpressionAttributeValues,
        ...(expected === 0 ? {} : { ':expected': toAttributeValue(expected) }),
      },
    },
  };
};

/** Moves an alias; the model must be registered. `undefined` removes it. */
export const moveAliasAction = (
  table: string,
  {
    model,
    alias,
    version,
  }: { readonly model: string; readonly alias: RegistryAlias; readonly version: number | undefined },
): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: toItem(modelKey(model)),
    UpdateExpression: version === undefined ? 'REMOVE aliases.#alias' : 'SET aliases.#alias = :version',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#alias': alias },
    ...(version === undefined ? {} : { ExpressionAttributeValues: { ':version': toAttributeValue(version) } }),
  },
});

export const registeredModels = (context: RegistryContext): RegisteredModels => {
  const { client, registryTable } = context;

  const getModel = async (model: string): Promise<RegisteredModel> => {
    const item = await getItem(client, registryTable, modelKey(model));
    if (item === undefined) throw new NotFoundError(`model ${JSON.stringify(model)} has no registered version`);
    return decodeEntity('RegisteredModel', item);
  };

  return {
    getModel,

    listModels: async (limit, cursor) => {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, /^[a-z0-9-]+$/);
      const { items, hasMore } = await queryPage(client, {
        TableName: registryTable,
        IndexName: 'gsi1',
        KeyConditionExpression: 'gsi1pk = :models',
        ExpressionAttributeValues: { ':models': { S: 'models' } },
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: toItem({ ...modelKey(after), ...modelIndexKey(after) }) }),
      });
      const models = items.map((item) => decodeEntity<RegisteredModel>('RegisteredModel', item));
      const last = models.at(-1);
      return { items: models, ...(hasMore && last ? { nextCursor: encodeCursor(last.model) } : {}) };
    },

    setAlias: async (model, alias, version) => {
      const move = moveAliasAction(registryTable, { model, alias, version });
      const versionIsApproved: readonly TransactWriteItem[] =
        version === undefined
          ? []
          : [
              {
                ConditionCheck: {
                  TableName: registryTable,
                  Key: toItem(versionKey(model, version)),
                  ConditionExpression: '#status = :approved',
                  ExpressionAttributeNames: { '#status': 'status' },
                  ExpressionAttributeValues: { ':approved': { S: 'APPROVED' } },
                  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
                },
              },
            ];
      const result = await retryWhileContended(
        `moving alias ${alias} of ${model}`,
        ALIAS_DEADLINE_MS,
        async () => {
          const outcome = await transact(client, [move, ...versionIsApproved]);
          return outcome.outcome === 'contended' ? CONTENDED : outcome;
        },
        context.pacing,
      );
      if (result.outcome === 'written') return;
      const versionItem = result.refusals[1]?.item;
      if (versionItem === undefined) {
        throw new NotFoundError(`model version ${model}@${version ?? '(any)'} is not registered`);
      }
      const { status } = fromItem(versionItem) as Partial<ModelVersion>;
      throw new InvalidStateError(
        `alias ${alias} may only point to an approved version, ${model}@${version} is ${status ?? 'unknown'}`,
      );
    },
  };
};
