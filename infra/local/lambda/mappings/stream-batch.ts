import type { PlacedRecord, TableStream } from '../../dynamodb/streams/table-stream.ts';
import type { EventSourceMapping } from './mapping.ts';

/** How far a mapping has read its stream, and what it is at. Durable: a restart goes on from here. */
export interface StreamProgress {
  /** Everything up to here is done; undefined before the first record. */
  readonly after?: string;
  /** A batch that failed, in the parts that are still to be done, first part first. */
  readonly parts: readonly BatchPart[];
}

export interface BatchPart {
  readonly untilSequenceNumber: string;
  /** Executions that failed on this very part, for `MaximumRetryAttempts`. */
  readonly failures: number;
}

/** A record as a function gets it. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-sample-dynamodb */
export const streamRecord = ({ record }: PlacedRecord, { eventSourceArn }: EventSourceMapping) => {
  const { userIdentity, ...rest } = record;
  return {
    ...rest,
    eventSourceARN: eventSourceArn,
    ...(userIdentity === undefined
      ? {}
      : { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
  };
};

const isUpTo = (sequenceNumber: string, until: string): boolean => BigInt(sequenceNumber) <= BigInt(until);

/** The records of the part in progress, or of a fresh batch. */
export const readPart = (
  stream: TableStream,
  { after, parts }: StreamProgress,
  batchSize: number,
): readonly PlacedRecord[] => {
  const records = stream.read(after, batchSize);
  const [part] = parts;
  if (part === undefined) return records;
  return records.filter(({ sequenceNumber }) => isUpTo(sequenceNumber, part.untilSequenceNumber));
};

/** Progress after everything up to a sequence number is done. */
export const doneUpTo = ({ parts }: StreamProgress, sequenceNumber: string): StreamProgress => ({
  after: sequenceNumber,
  parts: parts.filter(({ untilSequenceNumber }) => !isUpTo(untilSequenceNumber, sequenceNumber)),
});

/** Progress after the part in progress was cut in two behind the middle record. Cutting counts as no failure. */
export const bisected = (
  progress: StreamProgress,
  wanted: readonly PlacedRecord[],
  lastSequenceNumber: string,
): StreamProgress => {
  const [part, ...others] = progress.parts;
  const middle = wanted[Math.ceil(wanted.length / 2) - 1]?.sequenceNumber ?? lastSequenceNumber;
  const failures = part?.failures ?? 0;
  const untilSequenceNumber = part?.untilSequenceNumber ?? lastSequenceNumber;
  return {
    ...progress,
    parts: [{ untilSequenceNumber: middle, failures }, { untilSequenceNumber, failures }, ...others],
  };
};

/** Progress after one more failure of the part in progress. */
export const failedOnce = (progress: StreamProgress, lastSequenceNumber: string): StreamProgress => {
  const [part, ...others] = progress.parts;
  const failed = {
    untilSequenceNumber: part?.untilSequenceNumber ?? lastSequenceNumber,
    failures: (part?.failures ?? 0) + 1,
  };
  return { ...progress, parts: [failed, ...others] };
};
