import { ConditionalCheckFailedException, type TransactWriteItem, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { deploymentNode, modelVersionNode, rolloutNode } from '../../contracts/lineage.ts';
import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import type { Deployment, Rollout } from '../../core/registry/index.ts';
import { assert } from '../../kernel/assert.ts';
import { ConflictError, InvalidStateError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, toItem } from './attribute-value.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { encodeEntity } from './entity.ts';
import { deploymentKey, nameHome, rolloutIndexKey, rolloutKey, rolloutLeaseKey, versionKey } from './keys.ts';
import { edgeActions } from './lineage-edge.ts';
import { findStoredModel, moveAliasAction } from './registered-models.ts';
import { commit, type RegistryEntry } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';
import { decodeRollout as decode, standingRollout } from './rollouts.ts';
import { call } from './table.ts';
import { setExpression } from './update-expression.ts';

/** How a rollout starts, goes on and ends. Its lease lets one rollout of a model run at a time. */

type RolloutTransitions = Pick<ModelRegistry, 'startRollout' | 'updateRollout' | 'endRollout'>;
type RolloutEnd = Parameters<ModelRegistry['endRollout']>[0];

const DEADLINE_MS = 10_000;
/** What starts rollouts; that it was asked to is on record as the decision about the version. */
const ROLLOUT_WORKFLOW = 'workflow:canary-rollout';

const endActions = (context: RegistryContext, end: RolloutEnd): readonly TransactWriteItem[] => {
  const { model, rolloutId, deployment: _, principal: _principal, ...ending } = end;
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
  const edge = { downstream: deploymentNode(model, rolloutId), recordedAtMs: promotedAtMs };
  return [
    { Put: { TableName: table, Item: encodeEntity('Deployment', deploymentKey(model), deployment) } },
    moveAliasAction(table, { model, alias: 'champion', version, atMs: promotedAtMs }),
    ...edgeActions(context, { upstream: modelVersionNode(model, version), ...edge }),
    ...edgeActions(context, { upstream: rolloutNode(model, rolloutId), ...edge }),
  ];
};

const startActions = (context: RegistryContext, rollout: Rollout, home: string): readonly TransactWriteItem[] => {
  const { model, rolloutId, version, startedAtMs: takenAtMs } = rollout;
  const table = context.registryTable;
  const keys = { ...rolloutKey(model, rolloutId), ...rolloutIndexKey(model, takenAtMs, rolloutId) };
  const isNew = {
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
  const lease = encodeEntity('RolloutLease', rolloutLeaseKey(model), { rolloutId, takenAtMs });
  return [
    { Put: { TableName: table, Item: encodeEntity('Rollout', keys, rollout), ...isNew } },
    { Put: { TableName: table, Item: lease, ...isNew } },
    {
      // Retiring waits for the lease, so a version that is in use here stays so until the rollout has ended.
      ConditionCheck: {
        TableName: table,
        Key: toItem(versionKey(home, version)),
        ConditionExpression: 'attribute_not_exists(lifecycle)',
      },
    },
    ...edgeActions(context, {
      upstream: modelVersionNode(model, version),
      downstream: rolloutNode(model, rolloutId),
      recordedAtMs: takenAtMs,
    }),
  ];
};

const startEntry = (rollout: Rollout): RegistryEntry => {
  const { model, version, rolloutId, kind, previousLambdaVersion, startedAtMs: atMs, asked, decision } = rollout;
  const after = { rolloutId, kind, previousLambdaVersion };
  const who = asked?.by ?? decision?.decidedBy ?? ROLLOUT_WORKFLOW;
  const reason = asked?.reason ?? decision?.reason;
  const by = { principal: who, atMs, ...(reason === undefined ? {} : { reason }) };
  return { workspace: DEFAULT_WORKSPACE, model, version, action: 'start rollout', ...by, after };
};

const endEntry = ({
  model,
  rolloutId,
  status,
  deployment,
  principal,
  endedAtMs,
  reason,
}: RolloutEnd): RegistryEntry => {
  const about = { workspace: DEFAULT_WORKSPACE, model, principal, atMs: endedAtMs };
  const why = reason === undefined ? {} : { reason };
  if (deployment === undefined) return { ...about, action: 'end rollout', after: { rolloutId, status }, ...why };
  const { version, lambdaVersion, codeSha256 } = deployment;
  const after = { rolloutId, status, alias: 'champion', lambdaVersion, codeSha256 };
  return { ...about, version, action: 'deploy version', after, ...why };
};

export const rolloutTransitions = (context: RegistryContext): RolloutTransitions => {
  const { client, registryTable, pacing } = context;

  const write = (what: string, actions: readonly TransactWriteItem[], entry: RegistryEntry) =>
    retryWhileContended(
      what,
      DEADLINE_MS,
      async () => {
        const result = await commit(context, actions, entry);
        return result.outcome === 'contended' ? CONTENDED : result;
      },
      pacing,
    );

  return {
    startRollout: async (start) => {
      const { model, rolloutId } = start;
      const rollout: Rollout = { ...start, status: 'RUNNING', weights: [], shifts: [] };
      const home = (await findStoredModel(context, model))?.home ?? nameHome(model);
      const actions = startActions(context, rollout, home);
      const result = await write(`starting rollout ${model}/${rolloutId}`, actions, startEntry(rollout));
      if (result.outcome === 'written') return rollout;
      const [standing, held, retired] = result.refusals;
      if (standing?.item !== undefined) return decode(standing.item);
      if (retired?.refused && !held?.refused) {
        throw new InvalidStateError(
          `version ${start.version} of ${model} is retired: it may not be rolled out any more`,
        );
      }
      const holder = held?.item === undefined ? 'another' : String(fromItem(held.item).rolloutId);
      throw new ConflictError(`rollout ${holder} of model ${model} is running; only one may run at a time`);
    },

    updateRollout: async (model, rolloutId, change) => {
      if (Object.values(change).every((value) => value === undefined))
        return standingRollout(context, model, rolloutId);
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
        const { status } = await standingRollout(context, model, rolloutId);
        throw new InvalidStateError(`rollout ${model}/${rolloutId} is ${status}, it can no longer change`);
      }
    },

    endRollout: async (end) => {
      const { model, rolloutId, deployment } = end;
      const actions = [
        ...endActions(context, end),
        ...(deployment === undefined ? [] : deployActions(context, deployment)),
      ];
      const result = await write(`ending rollout ${model}/${rolloutId}`, actions, endEntry(end));
      const standing = await standingRollout(context, model, rolloutId);
      if (result.outcome === 'written' || standing.status === end.status) return standing;
      throw new InvalidStateError(
        standing.status === 'RUNNING'
          ? `rollout ${model}/${rolloutId} cannot end: it holds no lease, or its model is not registered`
          : `rollout ${model}/${rolloutId} is ${standing.status}, it cannot become ${end.status}`,
      );
    },
  };
};
