import { createOnlineStore } from '../../../shared/adapters/dynamodb/online-store.ts';
import { createDynamoDbClient } from '../../../shared/adapters/dynamodb/table.ts';
import { readEnv } from '../../../shared/contracts/env.ts';
import type { InferenceHost } from '../../../shared/core/inference/index.ts';
import { createCompleteByEntity } from '../complete-by-entity.ts';
import type { Placement } from './messages.ts';

type Rows = Parameters<NonNullable<InferenceHost['completeRows']>>[1];

/** Completes rows that name entities, as the version in memory was registered to find them. */
export const openOnlineFeatures = (env: Readonly<Record<string, string | undefined>>) => {
  const { ONLINE_TABLE } = readEnv(['ONLINE_TABLE'], env);
  const online = createOnlineStore({ client: createDynamoDbClient(), table: ONLINE_TABLE });
  const clock = { nowMs: () => Date.now() };
  return ({ model, version, onlinePlan }: Placement, rows: Rows) =>
    createCompleteByEntity({ model, online, clock })(
      { version: Number(version), ...(onlinePlan === undefined ? {} : { onlinePlan }) },
      rows,
    );
};
