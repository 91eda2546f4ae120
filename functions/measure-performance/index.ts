import { readFileSync } from 'node:fs';
import { createEventBridgeClient, createEventPublisher } from '../../shared/adapters/events/event-publisher.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createVersionFiles } from '../../shared/adapters/s3/version-files.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['STAGE', 'DATA_BUCKET', 'ARTIFACT_BUCKET', 'EVENT_BUS_NAME']);
const client = createS3Client();

export const handler = createHandler({
  stage: env.STAGE,
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  files: createVersionFiles(createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET })),
  events: createEventPublisher({ client: createEventBridgeClient(), eventBusName: env.EVENT_BUS_NAME }),
  clock: { nowMs: () => Date.now() },
});
