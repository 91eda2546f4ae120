import { ConditionalCheckFailedException, type TransactWriteItem, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { deploymentNode, modelVersionNode } from '../../contracts/lineage.ts';
import type { Deployment, Rollout } from '../../core/registry/index.ts';
import { assert } from '../../kernel/assert.ts';
import { ConflictError, InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, toItem } from './attribute-value.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { encodeEntity } from './entity.ts';
import { deploymentKey, rolloutIndexKey, rolloutKey, rolloutLeaseKey } from './keys.ts';
import { edgeActions } from './lineage-edge.ts';
import { moveAliasAction } from './registered-models.ts';
import type { RegistryContext } from './registry-context.ts';
import { decodeRollout as decode, readRollout } from './rollouts.ts';
import { call, transact } from './table.ts';
import { setExpression } from './update-expression.ts';

/** How a rollout starts, goes on and ends. Its lease lets one rollout of a model run at a time. */

type RolloutTransitions = Pick<ModelRegistry, 'startRollout' | 'updateRollout' | 'endRollout'>;
type RolloutEnd = Parameters<ModelRegistry['endRollout']>[0];

const DEADLINE_MS = 10_000;

const endActions = (context: RegistryContext, end: RolloutEnd): readonly TransactWriteItem[] => {
  const { model, rolloutId, deployment: _, ...ending } = end;
  const table = context.registryTable;
  const set = setExpression(ending);
  return [
    {
      Update: {
        TableName: table,
        Key: toItem(rolloutKey(model, rolloutId)),
        ...set,
        ConditionExpression: '#status = :running',
        ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':running': { S: 'RUNNING' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    {
      Delete: {
        TableName: table,
        Key: toItem(rolloutLeaseKey(model)),
        ConditionExpression: 'rolloutId = :rolloutId',
        ExpressionAttributeValues: { ':rolloutId': { S: rolloutId } },
      },
    },
  ];
};

const deployActions = (context: RegistryContext, deployment: Deployment): readonly TransactWriteItem[] => {
  const { model, version, rolloutId, promotedAtMs } = deployment;
  const table = context.registryTable;
  return [
    { Put: { TableName: table, Item: encodeEntity('Deployment', deploymentKey(model), deployment) } },
    moveAliasAction(table, { model, alias: 'champion', version }),
    ...edgeActions(context, {
      upstream: modelVersionNode(model, version),
      downstream: deploymentNode(model, rolloutId),
      recordedAtMs: promotedAtMs,
    }),
  ];
};

export const rolloutTransitions = (context: RegistryContext): RolloutTransitions => {
  const { client, registryTable, pacing } = context;

  const standingRollout = async (model: string, rolloutId: string): Promise<Rollout> => {
    const rollout = await readRollout(context, model, rolloutId);
    if (rollout === undefined) throw new NotFoundError(`rollout ${model}/${rolloutId} is not recorded`);
    return rollout;
  };

  const write = (what: string, actions: readonly TransactWriteItem[]) =>
    retryWhileContended(
      what,
      DEADLINE_MS,
      async () => {
        const result = await transact(client, actions);
        return result.outcome === 'contended' ? CONTENDED : result;
      },
      pacing,
    );

  return {
    startRollout: async (start) => {
      const { model, rolloutId, startedAtMs } = start;
      const rollout: Rollout = { ...start, status: 'RUNNING', weights: [] };
      const keys = { ...rolloutKey(model, rolloutId), ...rolloutIndexKey(model, startedAtMs, rolloutId) };
      const isNew = {
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      } as const;
      const lease = encodeEntity('RolloutLease', rolloutLeaseKey(model), { rolloutId, takenAtMs: startedAtMs });
      const result = await write(`starting rollout ${model}/${rolloutId}`, [
        { Put: { TableName: registryTable, Item: encodeEntity('Rollout', keys, rollout), ...isNew } },
        { Put: { TableName: registryTable, Item: lease, ...isNew } },
      ]);
      if (result.outcome === 'written') return rollout;
      const [standing, held] = result.refusals;
      if (standing?.item !== undefined) return decode(standing.item);
      const holder = held?.item === undefined ? 'another' : String(fromItem(held.item).rolloutId);
      throw new ConflictError(`rollout ${holder} of model ${model} is running; only one may run at a time`);
    },

    updateRollout: async (model, rolloutId, change) => {
      if (Object.values(change).every((value) => value === undefined)) return standingRollout(model, rolloutId);
      const set = setExpression(change);
      try {
        const { Attributes } = await call(() =>
          client.send(
            new UpdateItemCommand({
              TableName: registryTable,
              Key: toItem(rolloutKey(model, rolloutId)),
              ...set,
              ConditionExpression: '#status = :running',
              ExpressionAttributeNames: { ...set.ExpressionAttributeNames, '#status': 'status' },
              ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':running': { S: 'RUNNING' } },
              ReturnValues: 'ALL_NEW',
            }),
          ),
        );
        assert(Attributes !== undefined, 'an update with ReturnValues ALL_NEW returns the item');
        return decode(Attributes);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const { status } = await standingRollout(model, rolloutId);
        throw new InvalidStateError(`rollout ${model}/${rolloutId} is ${status}, it can no longer change`);
      }
    },

    endRollout: async (end) => {
      const { model, rolloutId, deployment } = end;
      const result = await write(`ending rollout ${model}/${rolloutId}`, [
        ...endActions(context, end),
        ...(deployment === undefined ? [] : deployActions(context, deployment)),
      ]);
      const standing = await standingRollout(model, rolloutId);
      if (result.outcome === 'written' || standing.status === end.status) return standing;
      throw new InvalidStateError(
        standing.status === 'RUNNING'
          ? `rollout ${model}/${rolloutId} cannot end: it holds no lease, or its model is not registered`
          : `rollout ${model}/${rolloutId} is ${standing.status}, it cannot become ${end.status}`,
      );
    },
  };
};
