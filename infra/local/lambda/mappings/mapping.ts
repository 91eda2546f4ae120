import type { FunctionReference } from '../function-store.ts';

/** What joins a queue or a stream to a function: the event source mapping as it is kept. */
export interface EventSourceMapping {
  readonly uuid: string;
  readonly eventSourceArn: string;
  readonly kind: 'queue' | 'stream';
  readonly function: FunctionReference;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Event patterns, one of which must hold; none lets everything through. */
  readonly filters: readonly string[];
  readonly reportsItemFailures: boolean;
  /** Of a queue: most executions at once. */
  readonly maximumConcurrency?: number;
  /** Of a stream. */
  readonly stream?: StreamSettings;
  readonly lastModifiedMs: number;
  readonly lastResult: string;
  /** The newest change of the mapping: it acts from `untilMs` on. */
  readonly change?: { readonly state: 'Creating' | 'Updating' | 'Enabling' | 'Disabling'; readonly untilMs: number };
  /** Epoch milliseconds at which a mapping that is being deleted is gone. */
  readonly goneAtMs?: number;
}

export interface StreamSettings {
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly bisects: boolean;
  /** −1: without end. */
  readonly maximumRetryAttempts: number;
  /** −1: without limit. */
  readonly maximumRecordAgeSeconds: number;
  readonly onFailureArn?: string;
}

export const NOTHING_PROCESSED = 'No records processed';
export const PROCESSED = 'OK';
export const FUNCTION_FAILED = 'PROBLEM: Function call failed';

export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting';

export const stateOf = ({ enabled, change, goneAtMs }: EventSourceMapping, nowMs: number): MappingState => {
  if (goneAtMs !== undefined) return 'Deleting';
  if (change !== undefined && nowMs < change.untilMs) return change.state;
  return enabled ? 'Enabled' : 'Disabled';
};

/** A mapping that is being updated goes on as it was told last; one that is being created or deleted does not act. */
export const isActing = (mapping: EventSourceMapping, nowMs: number): boolean => {
  const state = stateOf(mapping, nowMs);
  return state === 'Enabled' || state === 'Updating';
};
