import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { openStores } from './open-stores.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'REGISTRY_TABLE', 'AUDIT_TABLE', 'PACKAGE_DAYS', 'RUN_DAYS']);

export const handler = createHandler({
  ...openStores(env),
  retention: { packageDays: Number(env.PACKAGE_DAYS), runDays: Number(env.RUN_DAYS) },
  clock: { nowMs: () => Date.now() },
});
