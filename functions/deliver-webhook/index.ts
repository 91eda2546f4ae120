import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createWebhookStore } from '../../shared/adapters/dynamodb/webhooks.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { parseWebhookHosts } from '../../shared/contracts/webhook-hosts.ts';
import { isPublicAddress } from '../../shared/core/webhooks/index.ts';
import { createGuardedPost } from '../../shared/http/index.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['TRACKING_TABLE', 'WEBHOOK_ALLOW_HOSTS']);
const client = createDynamoDbClient();

export const handler = createHandler({
  storeOf: (workspace) => createWebhookStore({ client, table: env.TRACKING_TABLE, workspace }),
  receivers: createGuardedPost({
    mayConnect: isPublicAddress,
    allowedHosts: parseWebhookHosts(env.WEBHOOK_ALLOW_HOSTS),
  }),
  clock: { nowMs: () => Date.now() },
  random: Math.random,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
