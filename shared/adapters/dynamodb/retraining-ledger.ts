import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { assert } from '../../kernel/assert.ts';
import type { RetrainingLedger } from '../../ports/model-registry.ts';
import { fromItem, toAttributeValue, toItem } from './attribute-value.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { encodeEntity, entityFields } from './entity.ts';
import { claimKey, lastStartKey } from './keys.ts';
import { transact } from './table.ts';
import { setExpression } from './update-expression.ts';

const DEADLINE_MS = 10_000;

/**
 * Claims and the last start stand in one transaction: two causes at the same instant cannot both pass a cool-down. The
 * execution is named after the request, so whoever repeats the claim can start it again without starting a second.
 */
export const createRetrainingLedger = (options: {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
  readonly pacing?: RetryPacing;
}): RetrainingLedger => ({
  claim: ({ model, requestKey, requestedAtMs, coolDownMs }) => {
    const { client, registryTable: table, pacing = realPacing } = options;
    const claimed = { model, requestKey, executionName: requestKey, requestedAtMs };
    const set = setExpression({ ...entityFields('LastTrainingStart'), lastStartedAtMs: requestedAtMs });
    const afterCoolDown = {
      ConditionExpression: 'attribute_not_exists(pk) OR #lastStartedAtMs <= :latestAllowed',
      ExpressionAttributeValues: {
        ...set.ExpressionAttributeValues,
        ':latestAllowed': toAttributeValue(requestedAtMs - coolDownMs),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const;
    const attempt = async () => {
      const result = await transact(client, [
        {
          Put: {
            TableName: table,
            Item: encodeEntity('TrainingClaim', claimKey(model, requestKey), claimed),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        {
          Update: {
            TableName: table,
            Key: toItem(lastStartKey(model)),
            ...set,
            ...(coolDownMs > 0 ? afterCoolDown : {}),
          },
        },
      ]);
      if (result.outcome === 'contended') return CONTENDED;
      if (result.outcome === 'written')
        return { outcome: 'started', executionName: requestKey, requestedAtMs } as const;
      const [claim, lastStart] = result.refusals;
      if (claim?.item !== undefined) {
        const { executionName, requestedAtMs: claimedAtMs } = fromItem(claim.item);
        const taken = { executionName: String(executionName), requestedAtMs: Number(claimedAtMs) };
        return { outcome: 'duplicate', ...taken } as const;
      }
      assert(lastStart?.item !== undefined, 'a refused cool-down returns the last start');
      const lastStartedAtMs = Number(fromItem(lastStart.item).lastStartedAtMs);
      return { outcome: 'cooling-down', coolDownEndsAtMs: lastStartedAtMs + coolDownMs } as const;
    };
    return retryWhileContended(`claiming request ${requestKey}`, DEADLINE_MS, attempt, pacing);
  },
});
