import { readFileSync } from 'node:fs';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { openStores } from './open-stores.ts';

const { STAGE: stage, ...places } = readEnv([
  'STAGE',
  'REGISTRY_TABLE',
  'LINEAGE_TABLE',
  'AUDIT_TABLE',
  'EVENT_BUS_NAME',
]);
export const handler = createHandler({
  stage,
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  ...openStores(places, process.env),
});
