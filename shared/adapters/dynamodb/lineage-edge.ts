import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { LineageEdge } from '../../core/lineage/index.ts';
import { assert } from '../../kernel/assert.ts';
import { type Item, toItem } from './attribute-value.ts';
import { decodeEntity, entityFields } from './entity.ts';
import { edgeKeys } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';
import { setExpression } from './update-expression.ts';

/**
 * Both items of an edge, as actions of the transaction that makes it true. Writing an edge again changes nothing: it keeps
 * the time at which it was first recorded, so that what was known at an instant stays what it was.
 */
export const edgeActions = (
  { lineageTable }: Pick<RegistryContext, 'lineageTable'>,
  { recordedAtMs, upstream, downstream }: LineageEdge,
): readonly TransactWriteItem[] => {
  assert(lineageTable !== undefined, 'the registry was opened without a lineage table');
  const set = setExpression({ ...entityFields('LineageEdge'), upstream, downstream });
  return edgeKeys(upstream, downstream).map((key) => ({
    Update: {
      TableName: lineageTable,
      Key: toItem(key),
      UpdateExpression: `${set.UpdateExpression}, #recordedAtMs = if_not_exists(#recordedAtMs, :recordedAtMs)`,
      ExpressionAttributeNames: { ...set.ExpressionAttributeNames, '#recordedAtMs': 'recordedAtMs' },
      ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':recordedAtMs': { N: String(recordedAtMs) } },
    },
  }));
};

export const decodeEdge = (item: Item): LineageEdge => decodeEntity('LineageEdge', item);
