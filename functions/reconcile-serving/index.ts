import { readFileSync } from 'node:fs';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';
import { openStores } from './open-stores.ts';
import { createReadServingState } from './read-serving-state.ts';
import { createRepair } from './repair.ts';

const { STAGE: stage, ...places } = readEnv(['STAGE', 'REGISTRY_TABLE', 'AUDIT_TABLE', 'ROLLOUT_STATE_MACHINE_ARN']);
const stores = openStores(places, process.env);
const definitions = parseDefinitions(readFileSync(definitionsPath(), 'utf8'));
export const handler = createHandler({
  definitions,
  readServingState: createReadServingState({ stage, definitions, ...stores }),
  repair: createRepair(stores),
});
