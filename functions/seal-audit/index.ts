import { createAuditReader } from '../../shared/adapters/dynamodb/audit-log.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['AUDIT_TABLE', 'SEAL_BUCKET']);

export const handler = createHandler({
  log: createAuditReader(createDynamoDbClient(), env.AUDIT_TABLE),
  seals: createArtifactStore({ client: createS3Client(), bucket: env.SEAL_BUCKET }),
});
