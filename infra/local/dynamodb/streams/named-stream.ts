import type { Engine } from '../engine.ts';
import { tableNotFound } from '../errors.ts';
import { type Input, requiredText } from '../input.ts';
import { SHARD_ID } from './open-table-stream.ts';
import type { StoredStream } from './stream-store.ts';

/** @throws AwsError ResourceNotFoundException */
export const namedStream = (engine: Engine, arn: string): StoredStream => {
  const stream = engine.storage.streams.find(arn);
  if (stream === undefined) throw tableNotFound(`Requested resource not found: Stream: ${arn} not found`);
  return stream;
};

/** The one shard of a stream. @throws AwsError ResourceNotFoundException */
export const requireShard = (input: Input, stream: StoredStream): void => {
  const shardId = requiredText(input, 'ShardId');
  if (shardId === SHARD_ID) return;
  throw tableNotFound(`Requested resource not found: Shard: ${shardId} in stream ${stream.arn} not found`);
};
