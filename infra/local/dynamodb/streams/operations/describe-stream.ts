import { describeKeys } from '../../describe-table.ts';
import type { Engine } from '../../engine.ts';
import { acceptOnly, type Input, optionalInteger, optionalText, requiredText } from '../../input.ts';
import { namedStream } from '../named-stream.ts';
import { SHARD_ID } from '../open-table-stream.ts';
import { sequenceNumberOf } from '../stream-record.ts';

/** A stream has one shard here, open until the stream is disabled. */
export const describeStream = (engine: Engine, input: Input): unknown => {
  acceptOnly('DescribeStream', input, ['StreamArn', 'Limit', 'ExclusiveStartShardId']);
  const stream = namedStream(engine, requiredText(input, 'StreamArn'));
  optionalInteger(input, 'Limit', { min: 1, max: 100 });
  const after = optionalText(input, 'ExclusiveStartShardId');
  const { oldest, newest } = engine.storage.streams.ends(stream.arn);
  const shard = {
    ShardId: SHARD_ID,
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumberOf(oldest ?? newest + 1),
      ...(stream.closedAtMs === undefined ? {} : { EndingSequenceNumber: sequenceNumberOf(newest) }),
    },
  };
  return {
    StreamDescription: {
      StreamArn: stream.arn,
      StreamLabel: stream.label,
      StreamStatus: stream.closedAtMs === undefined ? 'ENABLED' : 'DISABLED',
      StreamViewType: stream.viewType,
      CreationRequestDateTime: stream.createdAtMs / 1_000,
      TableName: stream.tableName,
      KeySchema: describeKeys(stream.keys),
      Shards: after === undefined || after < SHARD_ID ? [shard] : [],
    },
  };
};
