import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'DATA_BUCKET', 'LINEAGE_TABLE', 'EVENT_BUS_NAME']);
const client = createS3Client();

export const handler = createHandler({
  artifacts: createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET }),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  lineage: createLineageStore({ client: createDynamoDbClient(), lineageTable: env.LINEAGE_TABLE }),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  clock: { nowMs: () => Date.now() },
  openEngine: (spillFolder) => openDuckDb({ spillFolder, memoryLimitMb: 512 }),
});
