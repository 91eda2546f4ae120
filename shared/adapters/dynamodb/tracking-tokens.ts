import { hash, randomBytes } from 'node:crypto';
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { TrackingToken } from '../../core/tracking-access/index.ts';
import { AlreadyExistsError, ConflictError, LimitExceededError, NotFoundError } from '../../kernel/errors.ts';
import type { TrackingTokens } from '../../ports/tracking-tokens.ts';
import { toAttributeValue, toItem } from './attribute-value.ts';
import { CONTENDED, realPacing, retryWhileContended } from './contention.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import type { Key } from './keys.ts';
import { call, getItem, transact } from './table.ts';

/**
 * Beside the workspaces' items in the tracking table, under keys that no workspace's item has:
 *
 * | Access pattern          | Key condition                   | Function |
 * |-------------------------|---------------------------------|----------|
 * | a token by its text     | pk = token#SHA-256, sk = token  | find     |
 * | tokens by name          | pk = tokens                     | list     |
 * | the token of a name     | pk = tokens, sk = NAME          | revoke   |
 */
const tokenKey = (digest: string): Key => ({ pk: `token#${digest}`, sk: 'token' });
const nameKey = (name: string): Key => ({ pk: 'tokens', sk: name });

const TOKEN_BYTES = 32;
const MOST_TOKENS = 1_000;
const DEADLINE_MS = 5_000;

type NamedToken = TrackingToken & { readonly digest: string };

export const createTrackingTokens = (options: {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** What stands before the random part of a token's text. */
  readonly prefix: string;
}): TrackingTokens => {
  const { client, table } = options;
  // A text has 256 random bits: a plain digest cannot be turned back, and looking it up tells nothing by its time.
  const digestOf = (text: string): string => hash('sha256', text);

  const named = async (name: string): Promise<NamedToken | undefined> => {
    const item = await getItem(client, table, nameKey(name));
    return item === undefined ? undefined : decodeEntity<NamedToken>('TrackingTokenName', item);
  };

  return {
    issue: (token) =>
      retryWhileContended(
        `issuing a token for ${token.name}`,
        DEADLINE_MS,
        async () => {
          const text = `${options.prefix}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
          const digest = digestOf(text);
          const result = await transact(client, [
            {
              Put: {
                TableName: table,
                Item: encodeEntity('TrackingTokenName', nameKey(token.name), { ...token, digest }),
                ConditionExpression: 'attribute_not_exists(pk) OR attribute_exists(revokedAtMs)',
              },
            },
            {
              Put: {
                TableName: table,
                Item: encodeEntity('TrackingToken', tokenKey(digest), token),
                ConditionExpression: 'attribute_not_exists(pk)',
              },
            },
          ]);
          if (result.outcome === 'contended') return CONTENDED;
          if (result.outcome === 'written') return text;
          throw new AlreadyExistsError(`${token.name} has a token already: revoke it before issuing another`);
        },
        realPacing,
      ),
    find: async (text) => {
      const item = await getItem(client, table, tokenKey(digestOf(text)));
      return item === undefined ? undefined : decodeEntity<TrackingToken>('TrackingToken', item);
    },
    list: async () => {
      const { Items: items = [], LastEvaluatedKey } = await call(() =>
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: nameKey('').pk } },
            ConsistentRead: true,
            Limit: MOST_TOKENS,
          }),
        ),
      );
      if (LastEvaluatedKey !== undefined) throw new LimitExceededError(`there are more than ${MOST_TOKENS} tokens`);
      return items.map((item) => {
        const { digest: _, ...token } = decodeEntity<NamedToken>('TrackingTokenName', item);
        return token;
      });
    },
    revoke: (name, atMs) =>
      retryWhileContended(
        `revoking the token of ${name}`,
        DEADLINE_MS,
        async () => {
          const token = await named(name);
          if (token === undefined) throw new NotFoundError(`${name} has no token`);
          if (token.revokedAtMs !== undefined) return undefined;
          const revoking = (key: Key, condition: string, values: object) => ({
            Update: {
              TableName: table,
              Key: toItem(key),
              UpdateExpression: 'SET revokedAtMs = :at',
              ConditionExpression: condition,
              ExpressionAttributeValues: { ':at': toAttributeValue(atMs), ...toItem(values) },
            },
          });
          const result = await transact(client, [
            revoking(nameKey(name), 'digest = :digest', { ':digest': token.digest }),
            revoking(tokenKey(token.digest), 'attribute_exists(pk)', {}),
          ]);
          if (result.outcome === 'contended') return CONTENDED;
          if (result.outcome === 'written') return undefined;
          throw new ConflictError(`the token of ${name} was replaced just now: look again`);
        },
        realPacing,
      ),
  };
};
