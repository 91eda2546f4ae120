import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AuditContext } from './audit-log.ts';
import type { RetryPacing } from './contention.ts';

/** What every part of the registry works with. */
export interface RegistryContext {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
  /** Absent where a function may not write lineage: registering and promoting are refused there. */
  readonly lineageTable?: string;
  /** Absent where a function may not change what is on record: it is refused there. */
  readonly audit?: AuditContext;
  readonly pacing: RetryPacing;
}
