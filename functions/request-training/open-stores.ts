import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createRetrainingLedger } from '../../shared/adapters/dynamodb/retraining-ledger.ts';
import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import type { StartDeps } from './start-training.ts';

/** Who has claimed a training, and what the month's trainings cost. */
export const openStores = (registryTable: string): Pick<StartDeps, 'ledger' | 'registry'> => {
  const table = { client: createDynamoDbClient(), registryTable };
  return { ledger: createRetrainingLedger(table), registry: createModelRegistry(table) };
};
