import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ArtifactStore } from '../../../ports/artifact-store.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { RetryPacing } from '../contention.ts';
import type { TrackingKeys } from './keys.ts';
import type { RunCache } from './run-cache.ts';

/** What every part of the tracking store works with. */
export interface TrackingContext {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Where values go that are too large for an item. */
  readonly values: Pick<ArtifactStore, 'get' | 'putIfAbsent'>;
  readonly keys: TrackingKeys;
  readonly clock: Clock;
  readonly pacing: RetryPacing;
  readonly cache: RunCache;
  /** How long a lost race is run again, in real milliseconds. */
  readonly deadlineMs: number;
}
