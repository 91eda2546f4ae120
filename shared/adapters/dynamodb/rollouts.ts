import type { Deployment, Rollout } from '../../core/registry/index.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry, ServingSnapshot } from '../../ports/model-registry.ts';
import { fromItem, type Item, toItem } from './attribute-value.ts';
import { retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity } from './entity.ts';
import { deploymentKey, idOfIndexSortKey, modelKey, rolloutIndexKey, rolloutKey, rolloutLeaseKey } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';
import { decodeModel } from './registry-items.ts';
import { getItem, getItemsTogether, queryPage } from './table.ts';

/** Reading rollouts, and what serves since the last that was promoted. */

type Rollouts = Pick<ModelRegistry, 'getRollout' | 'listRollouts' | 'getDeployment' | 'getServingSnapshot'>;

const DEADLINE_MS = 10_000;

export const decodeRollout = (item: Item): Rollout => decodeEntity('Rollout', item);

export const readRollout = async (
  { client, registryTable }: RegistryContext,
  model: string,
  rolloutId: string,
): Promise<Rollout | undefined> => {
  const item = await getItem(client, registryTable, rolloutKey(model, rolloutId));
  return item === undefined ? undefined : decodeRollout(item);
};

/** @throws NotFoundError */
export const standingRollout = async (context: RegistryContext, model: string, rolloutId: string): Promise<Rollout> => {
  const rollout = await readRollout(context, model, rolloutId);
  if (rollout === undefined) throw new NotFoundError(`rollout ${model}/${rolloutId} is not recorded`);
  return rollout;
};

const snapshotOf = (model?: Item, lease?: Item, deployment?: Item): ServingSnapshot => ({
  latestVersion: model === undefined ? 0 : decodeModel(model).fields.latestVersion,
  ...(lease === undefined ? {} : { runningRolloutId: String(fromItem(lease).rolloutId) }),
  ...(deployment === undefined ? {} : { deployment: decodeEntity<Deployment>('Deployment', deployment) }),
});

export const rollouts = (context: RegistryContext): Rollouts => {
  const { client, registryTable, pacing } = context;
  return {
    getRollout: (model, rolloutId) => readRollout(context, model, rolloutId),

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

    getServingSnapshot: async (model) => {
      const keys = [modelKey(model), rolloutLeaseKey(model), deploymentKey(model)];
      const read = () => getItemsTogether(client, registryTable, keys);
      return snapshotOf(...(await retryWhileContended(`reading what serves ${model}`, DEADLINE_MS, read, pacing)));
    },
  };
};
