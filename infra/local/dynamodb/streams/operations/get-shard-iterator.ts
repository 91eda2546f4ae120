import { AwsError } from '../../../contracts.ts';
import type { Engine } from '../../engine.ts';
import { validationError } from '../../errors.ts';
import { acceptOnly, type Input, missing, optionalChoice, optionalText, requiredText } from '../../input.ts';
import { namedStream, requireShard } from '../named-stream.ts';
import { encodeIterator } from '../shard-iterator.ts';
import { positionOf } from '../stream-record.ts';

const TYPES = ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const;

type Ends = ReturnType<Engine['storage']['streams']['ends']>;

const placeOf = (input: Input, type: string, { oldest, newest }: Ends): number => {
  const given = optionalText(input, 'SequenceNumber');
  if (given === undefined) {
    throw validationError(`SequenceNumber is required when ShardIteratorType is ${type}`);
  }
  const position = positionOf(given);
  if (position === undefined || position > newest + 1) {
    throw validationError(`Invalid SequenceNumber: ${given} is not one of this shard`);
  }
  if (position < (oldest ?? newest + 1)) {
    throw new AwsError(
      'TrimmedDataAccessException',
      'The requested sequence number is beyond the trim point in the stream: the record is older than 24 hours.',
    );
  }
  return type === 'AT_SEQUENCE_NUMBER' ? position - 1 : position;
};

export const getShardIterator = (engine: Engine, input: Input): unknown => {
  acceptOnly('GetShardIterator', input, ['StreamArn', 'ShardId', 'ShardIteratorType', 'SequenceNumber']);
  const stream = namedStream(engine, requiredText(input, 'StreamArn'));
  requireShard(input, stream);
  const type = optionalChoice(input, 'ShardIteratorType', TYPES) ?? missing('ShardIteratorType');
  const ends = engine.storage.streams.ends(stream.arn);
  const position =
    type === 'TRIM_HORIZON'
      ? (ends.oldest ?? ends.newest + 1) - 1
      : type === 'LATEST'
        ? ends.newest
        : placeOf(input, type, ends);
  return { ShardIterator: encodeIterator({ streamArn: stream.arn, position, createdAtMs: engine.nowMs() }) };
};
