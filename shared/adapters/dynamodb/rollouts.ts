import type { Rollout } from '../../core/registry/index.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, type Item, toItem } from './attribute-value.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity } from './entity.ts';
import { deploymentKey, idOfIndexSortKey, rolloutIndexKey, rolloutKey, rolloutLeaseKey } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';
import { getItem, queryPage } from './table.ts';

/** Reading rollouts, and what serves since the last that was promoted. */

type Rollouts = Pick<ModelRegistry, 'getRollout' | 'getRunningRollout' | 'listRollouts' | 'getDeployment'>;

export const decodeRollout = (item: Item): Rollout => decodeEntity('Rollout', item);

export const readRollout = async (
  { client, registryTable }: RegistryContext,
  model: string,
  rolloutId: string,
): Promise<Rollout | undefined> => {
  const item = await getItem(client, registryTable, rolloutKey(model, rolloutId));
  return item === undefined ? undefined : decodeRollout(item);
};

export const rollouts = (context: RegistryContext): Rollouts => {
  const { client, registryTable } = context;
  return {
    getRollout: (model, rolloutId) => readRollout(context, model, rolloutId),

    getRunningRollout: async (model) => {
      const lease = await getItem(client, registryTable, rolloutLeaseKey(model));
      return lease === undefined ? undefined : readRollout(context, model, String(fromItem(lease).rolloutId));
    },

    listRollouts: async (model, limit, cursor) => {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, /^\d{15}#.+$/s);
      const { gsi1pk } = rolloutIndexKey(model, 0, '');
      const { items, hasMore } = await queryPage(client, {
        TableName: registryTable,
        IndexName: 'gsi1',
        KeyConditionExpression: 'gsi1pk = :rollouts',
        ExpressionAttributeValues: { ':rollouts': { S: gsi1pk } },
        ScanIndexForward: false,
        Limit: limit,
        ...(after === undefined
          ? {}
          : { ExclusiveStartKey: toItem({ ...rolloutKey(model, idOfIndexSortKey(after)), gsi1pk, gsi1sk: after }) }),
      });
      const page = items.map(decodeRollout);
      const last = page.at(-1);
      return {
        items: page,
        ...(hasMore && last
          ? { nextCursor: encodeCursor(rolloutIndexKey(model, last.startedAtMs, last.rolloutId).gsi1sk) }
          : {}),
      };
    },

    getDeployment: async (model) => {
      const item = await getItem(client, registryTable, deploymentKey(model));
      return item === undefined ? undefined : decodeEntity('Deployment', item);
    },
  };
};
