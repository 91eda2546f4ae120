import type { PlacedRecord } from '../../dynamodb/streams/table-stream.ts';
import type { LambdaState } from '../lambda-state.ts';
import { LATEST } from '../records.ts';
import type { BatchOutcome } from './invoke-batch.ts';
import type { EventSourceMapping } from './mapping.ts';

export interface GivenUpBatch {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly records: readonly PlacedRecord[];
  readonly invokeCount: number;
  readonly outcome: BatchOutcome | undefined;
}

const isoTime = (atMs: number | undefined): string => new Date(atMs ?? 0).toISOString();

/**
 * Tells the on-failure destination which records were given up; the records themselves stay in the stream.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export const reportGivenUp = async (
  { context, store }: LambdaState,
  mapping: EventSourceMapping,
  shardId: string,
  { condition, records, invokeCount, outcome }: GivenUpBatch,
): Promise<void> => {
  const { clock, ids, ports } = context;
  const { onFailureArn } = mapping.stream ?? {};
  const [first] = records;
  if (onFailureArn === undefined || first === undefined) return;
  const { name, qualifier } = mapping.function;
  const failed = outcome?.kind === 'failed' ? outcome : undefined;
  const record = {
    requestContext: {
      requestId: ids.uuid(),
      functionArn: store.functionArn(name, qualifier),
      condition,
      approximateInvokeCount: invokeCount,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: failed?.executedVersion ?? LATEST,
      functionError: failed === undefined ? null : 'Unhandled',
    },
    version: '1.0',
    timestamp: isoTime(clock.nowMs()),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: records.at(-1)?.sequenceNumber,
      approximateArrivalOfFirstRecord: isoTime(first.createdAtMs),
      approximateArrivalOfLastRecord: isoTime(records.at(-1)?.createdAtMs),
      batchSize: records.length,
      streamArn: mapping.eventSourceArn,
    },
  };
  try {
    // The destination is written to by the function's own role.
    const from = { service: 'lambda.amazonaws.com', roleArn: store.getFunction(name).settings.role };
    await ports.deliver(onFailureArn, JSON.stringify(record), undefined, from);
  } catch (error) {
    // As on AWS: the stream goes on, and what was given up is told by the log alone.
    const message = `records that were given up were not told to ${onFailureArn}`;
    ports.log({ level: 'error', message, reason: String(error), shardId, first: first.sequenceNumber });
  }
};
