import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Trace, TraceEntry } from '../../../core/traces/index.ts';
import { type Item, toAttributeValue } from '../attribute-value.ts';
import type { RetryPacing } from '../contention.ts';
import { decodeEntity } from '../entity.ts';
import type { SpilledSpans } from './stored-spans.ts';
import { TRACE_SK } from './trace-keys.ts';

/** What the parts of the trace store share. */
export interface TraceContext {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly workspace: string;
  readonly objects: SpilledSpans;
  /** Works out what the index by time keeps of a trace. */
  readonly entryOf: (trace: Trace) => TraceEntry;
  readonly pacing: RetryPacing;
}

/** What stands in an item: the trace as JSON, which costs a tenth of the time of attribute values. */
export interface StoredTrace {
  readonly revision: number;
  readonly json: string;
}

/** A trace as it was read, which a write makes its condition. */
export interface Standing {
  readonly trace: Trace;
  readonly revision: number;
}

export const standingOf = (item: Item): Standing => {
  const { revision, json } = decodeEntity<StoredTrace>('Trace', item);
  return { trace: JSON.parse(json), revision };
};

/** Of a partition's items the trace itself, if it is there. */
export const standingIn = (items: readonly Item[]): Standing | undefined => {
  const item = items.find(({ sk }) => sk?.S === TRACE_SK);
  return item === undefined ? undefined : standingOf(item);
};

/** The condition that the trace's item still stands so. */
export const ifStill = (standing: Standing | undefined) =>
  standing === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'revision = :revision',
        ExpressionAttributeValues: { ':revision': toAttributeValue(standing.revision) },
      };

export const DEADLINE_MS = 10_000;
