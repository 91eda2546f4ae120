import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { createPostEvent } from './post-event.ts';

const env = readEnv(['STAGE', 'DATA_BUCKET', 'LINEAGE_TABLE', 'EVENT_BUS_NAME', 'OPENLINEAGE_URL']);

export const handler = createHandler({
  stage: env.STAGE,
  dataBucket: env.DATA_BUCKET,
  lineage: createLineageStore({ client: createDynamoDbClient(), lineageTable: env.LINEAGE_TABLE }),
  data: createArtifactStore({ client: createS3Client(), bucket: env.DATA_BUCKET }),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  post: env.OPENLINEAGE_URL === 'none' ? undefined : createPostEvent(env.OPENLINEAGE_URL),
});
