import { AwsError } from '../../../contracts.ts';
import type { Engine } from '../../engine.ts';
import { acceptOnly, type Input, optionalInteger, requiredText } from '../../input.ts';
import { namedStream } from '../named-stream.ts';
import { decodeIterator, encodeIterator } from '../shard-iterator.ts';
import { positionOf } from '../stream-record.ts';
import type { PlacedRecord } from '../table-stream.ts';

const MAX_RECORDS = 1_000;
const MAX_BYTES = 1024 * 1024;

/** As many as fit into one answer of 1 MB, at least one. */
const fitting = (records: readonly PlacedRecord[]): readonly PlacedRecord[] => {
  let bytes = 0;
  const over = records.findIndex(({ record }) => {
    bytes += record.dynamodb.SizeBytes;
    return bytes > MAX_BYTES;
  });
  return over < 0 ? records : records.slice(0, Math.max(1, over));
};

export const getRecords = (engine: Engine, input: Input): unknown => {
  acceptOnly('GetRecords', input, ['ShardIterator', 'Limit']);
  const limit = optionalInteger(input, 'Limit', { min: 1, max: MAX_RECORDS }) ?? MAX_RECORDS;
  const { streamArn, position } = decodeIterator(requiredText(input, 'ShardIterator'), engine.nowMs());
  const stream = namedStream(engine, streamArn);
  const { oldest, newest } = engine.storage.streams.ends(streamArn);
  if (position < (oldest ?? newest + 1) - 1) {
    throw new AwsError(
      'TrimmedDataAccessException',
      'The records behind this iterator were trimmed: they are older than 24 hours.',
    );
  }
  const records = fitting(engine.storage.streams.read(streamArn, position, limit));
  const last = records.at(-1);
  const reached = last === undefined ? position : (positionOf(last.sequenceNumber) ?? position);
  const ended = stream.closedAtMs !== undefined && reached >= newest;
  const next = { streamArn, position: reached, createdAtMs: engine.nowMs() };
  return {
    Records: records.map(({ record }) => record),
    ...(ended ? {} : { NextShardIterator: encodeIterator(next) }),
  };
};
