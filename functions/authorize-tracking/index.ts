import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createTrackingTokens } from '../../shared/adapters/dynamodb/tracking-tokens.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { TOKEN_PREFIX } from '../../shared/core/tracking-access/index.ts';
import { createHandler } from './handler.ts';

const { TRACKING_TABLE: table } = readEnv(['TRACKING_TABLE']);

export const handler = createHandler({
  tokens: createTrackingTokens({ client: createDynamoDbClient(), table, prefix: TOKEN_PREFIX }),
  clock: { nowMs: () => Date.now() },
});
