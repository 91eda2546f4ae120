import { QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { namedByLineage } from '../../../contracts/http/mlflow/registry-errors.ts';
import type { ModelCatalog } from '../../../ports/model-catalog.ts';
import { fromItem, type Item, toItem } from '../attribute-value.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { encodeEntity } from '../entity.ts';
import { unchanged } from '../guarded-update.ts';
import { modelEntryKey, modelKey, removedModelKey } from '../keys.ts';
import { call, transact } from '../table.ts';
import { type CatalogContext, change } from './catalog-context.ts';
import { readModel } from './read-models.ts';

/**
 * Deleting a registered model: one transaction takes its item and its name away and notes where its versions stand, which
 * nobody can reach any more; they are removed in bounded batches, by this call and, if it dies or there are too many, by
 * later ones.
 */

const BATCH = 100;
const MOST_BATCHES = 40;
const MOST_HOMES = 5;
const SWEEP_DEADLINE_MS = 5_000;

const firstKeys = async (
  { client, registryTable }: CatalogContext,
  pk: string,
  limit: number,
): Promise<readonly Item[]> => {
  const { Items = [] } = await call(() =>
    client.send(
      new QueryCommand({
        TableName: registryTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
        Limit: limit,
      }),
    ),
  );
  return Items;
};

const deleteAll = (context: CatalogContext, keys: readonly Item[]): Promise<void> => {
  const actions: TransactWriteItem[] = keys.map((Key) => ({ Delete: { TableName: context.registryTable, Key } }));
  return retryWhileContended(
    'removing what a deleted model left',
    SWEEP_DEADLINE_MS,
    async () => ((await transact(context.client, actions)).outcome === 'contended' ? CONTENDED : undefined),
    context.pacing,
  );
};

/** Removes what deleted models left, up to a bound. Deleting what is gone changes nothing. */
const sweep = async (context: CatalogContext): Promise<void> => {
  const { pk } = removedModelKey(context.workspace, '');
  const removed = await firstKeys(context, pk, MOST_HOMES);
  let batches = 0;
  for (const marker of removed) {
    const home = String(fromItem(marker).sk);
    for (;;) {
      const keys = await firstKeys(context, home, BATCH);
      if (keys.length > 0) await deleteAll(context, keys);
      if (keys.length < BATCH) break;
      batches += 1;
      if (batches >= MOST_BATCHES) return;
    }
    await deleteAll(context, [marker]);
  }
};

export const modelDeletion = (context: CatalogContext): Pick<ModelCatalog, 'deleteModel'> => ({
  deleteModel: async (name, by) => {
    const { registryTable, workspace } = context;
    await change(context, `deleting model ${name}`, by, async () => {
      const { fields, home, model } = await readModel(context, name);
      if (model.packaged) throw namedByLineage(name, 'deleted');
      const remove: TransactWriteItem = {
        Delete: {
          TableName: registryTable,
          Key: toItem(modelKey(name, workspace)),
          ...unchanged({ ...fields }, ['home', 'packaged']),
        },
      };
      const marker = encodeEntity('RemovedModel', removedModelKey(workspace, home), {
        model: name,
        removedAtMs: by.atMs,
      });
      return {
        actions: [
          remove,
          { Delete: { TableName: registryTable, Key: toItem(modelEntryKey(workspace, name)) } },
          { Put: { TableName: registryTable, Item: marker } },
        ],
        entry: { model: name, action: 'delete model', before: { latestVersion: model.latestVersion } },
        result: undefined,
      };
    });
    await sweep(context);
  },
});
