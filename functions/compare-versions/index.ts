import { readFileSync } from 'node:fs';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createShadowDays } from '../../shared/adapters/dynamodb/shadow-days.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { linkRecord } from '../../shared/core/audit/index.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['REGISTRY_TABLE', 'AUDIT_TABLE', 'ARTIFACT_BUCKET', 'DATA_BUCKET']);
const tables = { client: createDynamoDbClient(), registryTable: env.REGISTRY_TABLE };

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  registry: createModelRegistry({ ...tables, audit: { table: env.AUDIT_TABLE, link: linkRecord } }),
  days: createShadowDays(tables),
  artifacts: createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET }),
  data: createArtifactStore({ client: createS3Client(), bucket: env.DATA_BUCKET }),
  runtime: createAnyRuntime({ interpret: interpretModel, openOther: async () => createModelRuntime() }),
  clock: { nowMs: () => Date.now() },
});
