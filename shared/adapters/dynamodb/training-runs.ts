import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { TrainingRun } from '../../core/registry/index.ts';
import { InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { type Item, toItem } from './attribute-value.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { idOfIndexSortKey, runIndexKey, runKey } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';
import { call, getItem, queryPage } from './table.ts';
import { setExpression } from './update-expression.ts';

/** Training runs: started once, ended once. */

type TrainingRuns = Pick<ModelRegistry, 'startRun' | 'endRun' | 'getRun' | 'listRuns'>;

const decode = (item: Item): TrainingRun => decodeEntity('TrainingRun', item);

export const trainingRuns = ({ client, registryTable }: RegistryContext): TrainingRuns => ({
  startRun: async (start) => {
    const run: TrainingRun = { ...start, status: 'RUNNING' };
    const keys = { ...runKey(run.model, run.runId), ...runIndexKey(run.model, run.startedAtMs, run.runId) };
    try {
      await call(() =>
        client.send(
          new PutItemCommand({
            TableName: registryTable,
            Item: encodeEntity('TrainingRun', keys, run),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return run;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException && error.Item) return decode(error.Item);
      throw error;
    }
  },

  endRun: async ({ model, runId, ...end }) => {
    const set = setExpression(end);
    try {
      await call(() =>
        client.send(
          new UpdateItemCommand({
            TableName: registryTable,
            Key: toItem(runKey(model, runId)),
            ...set,
            ConditionExpression: '#status = :running',
            ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':running': { S: 'RUNNING' } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      if (error.Item === undefined) throw new NotFoundError(`run ${model}/${runId} is not recorded`);
      const { status } = decode(error.Item);
      if (status === end.status) return;
      throw new InvalidStateError(`run ${model}/${runId} is ${status}, it cannot become ${end.status}`);
    }
  },

  getRun: async (model, runId) => {
    const item = await getItem(client, registryTable, runKey(model, runId));
    return item === undefined ? undefined : decode(item);
  },

  listRuns: async (model, limit, cursor) => {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, /^\d{15}#.+$/s);
    const { gsi1pk } = runIndexKey(model, 0, '');
    const { items, hasMore } = await queryPage(client, {
      TableName: registryTable,
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :runs',
      ExpressionAttributeValues: { ':runs': { S: gsi1pk } },
      ScanIndexForward: false,
      Limit: limit,
      ...(after === undefined
        ? {}
        : { ExclusiveStartKey: toItem({ ...runKey(model, idOfIndexSortKey(after)), gsi1pk, gsi1sk: after }) }),
    });
    const runs = items.map(decode);
    const last = runs.at(-1);
    return {
      items: runs,
      ...(hasMore && last ? { nextCursor: encodeCursor(runIndexKey(model, last.startedAtMs, last.runId).gsi1sk) } : {}),
    };
  },
});
