import { callingService } from '../../kernel/unavailable.ts';
import { jsonCall } from './json-call.ts';
import type { WireItem } from './read-item.ts';
import type { SignedClient } from './signed-client.ts';

interface Answer {
  readonly Responses?: Readonly<Record<string, readonly WireItem[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly WireItem[] }>>;
}

/** One BatchGetItem: at most 100 keys, and what DynamoDB had no time for. */
export const createBatchGet = (client: SignedClient) => {
  const batchGetItem = jsonCall(client, 'dynamodb', { version: '1.0', target: 'DynamoDB_20120810.BatchGetItem' });
  return async (table: string, keys: readonly { readonly pk: string; readonly sk: string }[]) => {
    const Keys = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
    const input = JSON.stringify({ RequestItems: { [table]: { Keys } } });
    const { Responses, UnprocessedKeys } = (await callingService('DynamoDB', () => batchGetItem(input))) as Answer;
    return { items: Responses?.[table] ?? [], unprocessed: UnprocessedKeys?.[table]?.Keys ?? [] };
  };
};
