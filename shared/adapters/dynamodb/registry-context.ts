import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RetryPacing } from './contention.ts';

/** What every part of the registry works with. */
export interface RegistryContext {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
  /** Absent where a function may not write lineage: registering and promoting are refused there. */
  readonly lineageTable?: string;
  readonly pacing: RetryPacing;
}
