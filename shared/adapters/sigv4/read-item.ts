import { callingService } from '../../kernel/unavailable.ts';
import { jsonCall } from './json-call.ts';
import type { SignedClient } from './signed-client.ts';

/** An attribute in DynamoDB's own form, such as `{ S: 'text' }`; of a type that this platform stores, so not binary. */
export type WireItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Consistent reads of one item by its key; undefined for one that does not exist. */
export const createItemReader = (client: SignedClient) => {
  const getItem = jsonCall(client, 'dynamodb', { version: '1.0', target: 'DynamoDB_20120810.GetItem' });
  return async (table: string, key: { readonly pk: string; readonly sk: string }): Promise<WireItem | undefined> => {
    const Key = { pk: { S: key.pk }, sk: { S: key.sk } };
    const input = JSON.stringify({ TableName: table, Key, ConsistentRead: true });
    const answer = await callingService('DynamoDB', () => getItem(input));
    return (answer as { readonly Item?: WireItem }).Item;
  };
};
