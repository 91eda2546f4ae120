import { readFileSync } from 'node:fs';
import { readTrainingTable } from '../../shared/adapters/duckdb/training-table.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { scoreTable } from '../../shared/adapters/onnx/score-table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import { BuildInfoSchema } from '../../shared/contracts/bill-of-materials.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { buildInfoPath, definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET']);
const artifacts = createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET });
const runtime = createModelRuntime();

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts,
  readTable: readTrainingTable,
  loadModel: (prefix) => loadStoredModel(artifacts, prefix),
  score: (model, table) => scoreTable(runtime, model, table),
  build: parseJsonFile(BuildInfoSchema, readFileSync(buildInfoPath()), 'build-info.json'),
  runtime: { node: process.version, architecture: process.arch },
});
