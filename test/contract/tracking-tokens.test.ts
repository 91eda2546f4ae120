import { CreateTableCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoDbService } from '../../infra/local/dynamodb/service.ts';
import { createTrackingTokens } from '../../shared/adapters/dynamodb/tracking-tokens.ts';
import { isTokenText, newTrackingToken, TOKEN_PREFIX } from '../../shared/core/tracking-access/index.ts';
import type { TrackingTokens } from '../../shared/ports/tracking-tokens.ts';
import { type StartedService, startLocalService } from '../helpers/local-service.ts';

const table = 'tracking';
let local: StartedService;
let client: DynamoDBClient;
let tokens: TrackingTokens;

beforeAll(async () => {
  local = await startLocalService(createDynamoDbService);
  client = new DynamoDBClient(local.clientConfig);
  const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    }),
  );
  await local.clock.advanceBy(60_000); // a new table is CREATING for a moment
  local.clock.startWall();
  tokens = createTrackingTokens({ client, table, prefix: TOKEN_PREFIX });
});
afterAll(async () => {
  client.destroy();
  await local.stop();
});

const asked = (name: string) =>
  newTrackingToken({ name, workspaces: ['a', 'b'], role: 'read', createdAtMs: 5, expiresAtMs: 50 });

it('finds a token by its text, as it was issued, and none by another text', async () => {
  const text = await tokens.issue(asked('finder'));

  expect(isTokenText(text)).toBe(true);
  expect(await tokens.find(text)).toEqual(asked('finder'));
  expect(await tokens.find(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined();
});

it('keeps no text of a token', async () => {
  const text = await tokens.issue(asked('keeper'));

  const { Items } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'tokens' } },
    }),
  );

  expect(JSON.stringify(Items)).toContain('keeper');
  expect(JSON.stringify(Items)).not.toContain(text.slice(TOKEN_PREFIX.length));
});

it('issues one token for a name, however many ask at once', async () => {
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => tokens.issue(asked('single'))));

  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(tokens.issue(asked('single'))).rejects.toThrow(
    'single has a token already: revoke it before issuing another',
  );
});

it('revokes for good, again without effect, and makes the name free for another', async () => {
  const first = await tokens.issue(asked('rotated'));

  await tokens.revoke('rotated', 7);
  await tokens.revoke('rotated', 8);
  const second = await tokens.issue(asked('rotated'));

  expect(await tokens.find(first)).toMatchObject({ name: 'rotated', revokedAtMs: 7 });
  expect(await tokens.find(second)).toEqual(asked('rotated'));
  expect((await tokens.list()).filter(({ name }) => name === 'rotated')).toEqual([asked('rotated')]);
});

it('lists the tokens by name, revoked ones too', async () => {
  await tokens.issue(asked('zoe'));
  await tokens.issue(asked('adam'));
  await tokens.revoke('adam', 9);

  const listed = await tokens.list();

  expect(listed.map(({ name }) => name)).toEqual(listed.map(({ name }) => name).toSorted());
  expect(listed).toContainEqual({ ...asked('adam'), revokedAtMs: 9 });
  expect(listed).toContainEqual(asked('zoe'));
});

it('does not know a name without a token', async () => {
  await expect(tokens.revoke('nobody', 1)).rejects.toThrow('nobody has no token');
});
