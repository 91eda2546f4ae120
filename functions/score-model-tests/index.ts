import { readFileSync } from 'node:fs';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { openSources } from './open-sources.ts';

const places = readEnv(['REGISTRY_TABLE', 'ARTIFACT_BUCKET', 'DATA_BUCKET']);

export const handler = createHandler({
  ...openSources(places),
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
});
