import type { Engine } from '../engine.ts';
import { positionOf, sequenceNumberOf } from './stream-record.ts';
import type { OpenTableStream } from './table-stream.ts';

export const SHARD_ID = 'shardId-00000000000000000000-00000001';

export const createOpenTableStream =
  (engine: Engine): OpenTableStream =>
  (streamArn) => {
    const { streams } = engine.storage;
    if (streams.find(streamArn) === undefined) return undefined;
    return {
      streamArn,
      shardId: SHARD_ID,
      read: (after, limit) => {
        const position = after === undefined ? 0 : positionOf(after);
        if (position === undefined) throw new TypeError(`${after} is no sequence number of ${streamArn}`);
        return streams.read(streamArn, position, limit);
      },
      latest: () => {
        const { newest } = streams.ends(streamArn);
        return newest === 0 ? undefined : sequenceNumberOf(newest);
      },
      closed: () => streams.find(streamArn)?.closedAtMs !== undefined,
      onRecords: (listener) => engine.onRecords(streamArn, listener),
    };
  };
