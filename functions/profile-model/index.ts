import { readFileSync } from 'node:fs';
import { readTrainingTable } from '../../shared/adapters/duckdb/training-table.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { readStoredCovers } from '../../shared/adapters/s3/stored-covers.ts';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import { BuildInfoSchema } from '../../shared/contracts/bill-of-materials.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { buildInfoPath, definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { createHandler } from './handler.ts';
import { scoreAsServed } from './score-as-served.ts';

const env = readEnv(['ARTIFACT_BUCKET']);
const artifacts = createArtifactStore({ client: createS3Client(), bucket: env.ARTIFACT_BUCKET });

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  artifacts,
  readTable: readTrainingTable,
  loadModel: (prefix) => loadStoredModel(artifacts, prefix),
  readCovers: (prefix) => readStoredCovers(artifacts, prefix),
  score: scoreAsServed,
  build: parseJsonFile(BuildInfoSchema, readFileSync(buildInfoPath()), 'build-info.json'),
  runtime: { node: process.version, architecture: process.arch },
});
