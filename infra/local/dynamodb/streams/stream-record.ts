import type { Item } from '../attribute-value.ts';
import { valuesEqual } from '../compare-values.ts';
import { itemBytes } from '../item-size.ts';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** Who changed an item, told only when it was not a request: TTL deletes by itself. */
export interface StreamUserIdentity {
  readonly Type: 'Service';
  readonly PrincipalId: 'dynamodb.amazonaws.com';
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html */
export interface StreamRecord {
  /** Epoch seconds, whole as AWS rounds them. */
  readonly ApproximateCreationDateTime: number;
  readonly Keys: Item;
  readonly NewImage?: Item;
  readonly OldImage?: Item;
  /** Decimal digits; grows with every record of a shard. */
  readonly SequenceNumber: string;
  readonly SizeBytes: number;
  readonly StreamViewType: StreamViewType;
}

/** One record as GetRecords answers it: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
export interface ChangeRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: StreamRecord;
  readonly userIdentity?: StreamUserIdentity;
}

/** A change that a stream is to tell. */
export interface StreamedChange {
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly atMs: number;
  readonly byTimeToLive: boolean;
}

const TIME_TO_LIVE: StreamUserIdentity = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };
/** AWS's sequence numbers have 21 to 40 digits: counting starts high enough that all have the same length. */
const FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_000n;

export const sequenceNumberOf = (position: number): string => String(FIRST_SEQUENCE_NUMBER + BigInt(position));

/** Position behind a sequence number; undefined for a text that no stream here has given. */
export const positionOf = (sequenceNumber: string): number | undefined => {
  if (!/^\d{21,40}$/.test(sequenceNumber)) return undefined;
  const position = Number(BigInt(sequenceNumber) - FIRST_SEQUENCE_NUMBER);
  return Number.isSafeInteger(position) && position >= 0 ? position : undefined;
};

/** A write that leaves the item as it was is told by no stream. */
export const changesNothing = ({ before, after }: Pick<StreamedChange, 'before' | 'after'>): boolean =>
  before === undefined ? after === undefined : after !== undefined && valuesEqual({ M: before }, { M: after });

const eventName = ({ before, after }: StreamedChange): ChangeRecord['eventName'] => {
  if (before === undefined) return 'INSERT';
  return after === undefined ? 'REMOVE' : 'MODIFY';
};

/** What is kept of a record; its sequence number comes with its place in the stream. */
export type UnplacedRecord = Omit<ChangeRecord, 'dynamodb'> & {
  readonly dynamodb: Omit<StreamRecord, 'SequenceNumber'>;
};

export const recordOf = (
  change: StreamedChange,
  stream: { readonly viewType: StreamViewType; readonly region: string; readonly eventId: string },
): UnplacedRecord => {
  const { key, before, after } = change;
  const { viewType } = stream;
  const NewImage = viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? after : undefined;
  const OldImage = viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? before : undefined;
  const bytes = [key, NewImage, OldImage].reduce((sum, item) => sum + (item ? itemBytes(item) : 0), 0);
  return {
    eventID: stream.eventId,
    eventName: eventName(change),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: stream.region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(change.atMs / 1_000),
      Keys: key,
      ...(NewImage ? { NewImage } : {}),
      ...(OldImage ? { OldImage } : {}),
      SizeBytes: bytes,
      StreamViewType: viewType,
    },
    ...(change.byTimeToLive ? { userIdentity: TIME_TO_LIVE } : {}),
  };
};
