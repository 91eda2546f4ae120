import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../../../../infra/local/contracts.ts';
import { streamArn } from '../../../../../../../infra/local/dynamodb/describe-table.ts';
import type { Engine } from '../../../../../../../infra/local/dynamodb/engine.ts';
import { putItem } from '../../../../../../../infra/local/dynamodb/operations/put-item.ts';
import { updateTable } from '../../../../../../../infra/local/dynamodb/operations/update-table.ts';
import { SHARD_ID } from '../../../../../../../infra/local/dynamodb/streams/open-table-stream.ts';
import { describeStream } from '../../../../../../../infra/local/dynamodb/streams/operations/describe-stream.ts';
import { getRecords } from '../../../../../../../infra/local/dynamodb/streams/operations/get-records.ts';
import { getShardIterator } from '../../../../../../../infra/local/dynamodb/streams/operations/get-shard-iterator.ts';
import { listStreams } from '../../../../../../../infra/local/dynamodb/streams/operations/list-streams.ts';
import { memoryEngine } from '../../memory-engine.ts';

interface Answer {
  readonly Records: readonly { readonly dynamodb: { readonly Keys: { readonly pk: { readonly S: string } } } }[];
  readonly NextShardIterator?: string;
}

const MINUTE_MS = 60_000;
let nowMs: number;
let engine: Engine;
let arn: string;

beforeEach(() => {
  nowMs = 0;
  const specification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
  engine = memoryEngine({ nowMs: () => nowMs, table: { StreamSpecification: specification } });
  arn = streamArn(engine.identity, engine.table('table')) ?? '';
});

const put = (pk: string, data = '') =>
  putItem(engine, { TableName: 'table', Item: { pk: { S: pk }, sk: { S: 'a' }, data: { S: data } } });
const iterator = (ShardIteratorType: string, SequenceNumber?: string): string => {
  const at = { StreamArn: arn, ShardId: SHARD_ID, ShardIteratorType };
  const input = SequenceNumber === undefined ? at : { ...at, SequenceNumber };
  return (getShardIterator(engine, input) as { ShardIterator: string }).ShardIterator;
};
const records = (ShardIterator: string | undefined, more: object = {}): Answer =>
  getRecords(engine, { ShardIterator, ...more }) as Answer;
const told = ({ Records }: Answer): readonly string[] => Records.map(({ dynamodb }) => dynamodb.Keys.pk.S);
const sequence = (position: number): string => `10000000000000000000${position}`;
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof AwsError) return error.code;
    throw error;
  }
  return 'none';
};

describe('GetRecords', () => {
  it('reads from the oldest on, a page at a time, and goes on when more is written', () => {
    for (const pk of ['a', 'b', 'c']) put(pk);

    const first = records(iterator('TRIM_HORIZON'), { Limit: 2 });
    const second = records(first.NextShardIterator);
    const third = records(second.NextShardIterator);
    put('d');

    expect([told(first), told(second), told(third)]).toEqual([['a', 'b'], ['c'], []]);
    expect(told(records(third.NextShardIterator))).toEqual(['d']);
  });

  it('starts at, behind or after all records', () => {
    for (const pk of ['a', 'b', 'c']) put(pk);
    const latest = iterator('LATEST');
    put('d');

    expect(told(records(iterator('AT_SEQUENCE_NUMBER', sequence(2))))).toEqual(['b', 'c', 'd']);
    expect(told(records(iterator('AFTER_SEQUENCE_NUMBER', sequence(2))))).toEqual(['c', 'd']);
    expect(told(records(latest))).toEqual(['d']);
  });

  it('answers 1 MB at most, and one record at least', () => {
    for (const pk of ['a', 'b', 'c']) put(pk, 'x'.repeat(390_000));

    expect(told(records(iterator('TRIM_HORIZON')))).toEqual(['a', 'b']);
  });

  it('gives no next iterator at the end of a stream that was disabled', () => {
    put('a');
    updateTable(engine, { TableName: 'table', StreamSpecification: { StreamEnabled: false } });

    const last = records(iterator('TRIM_HORIZON'));

    expect([told(last), last.NextShardIterator]).toEqual([['a'], undefined]);
    expect(describeStream(engine, { StreamArn: arn })).toMatchObject({
      StreamDescription: {
        StreamStatus: 'DISABLED',
        Shards: [{ SequenceNumberRange: { StartingSequenceNumber: sequence(1), EndingSequenceNumber: sequence(1) } }],
      },
    });
  });

  it('refuses an iterator of 15 minutes ago, what was trimmed, and what never was', () => {
    put('a');
    const old = iterator('TRIM_HORIZON');
    nowMs = 16 * MINUTE_MS;
    expect(codeOf(() => records(old))).toBe('ExpiredIteratorException');

    nowMs = 26 * 60 * MINUTE_MS;
    put('b');
    expect(codeOf(() => iterator('AT_SEQUENCE_NUMBER', sequence(1)))).toBe('TrimmedDataAccessException');
    expect(codeOf(() => iterator('AT_SEQUENCE_NUMBER', sequence(9)))).toBe('ValidationException');
    expect(codeOf(() => iterator('AT_SEQUENCE_NUMBER'))).toBe('ValidationException');
    expect(codeOf(() => records('nonsense'))).toBe('ValidationException');
    expect(codeOf(() => describeStream(engine, { StreamArn: `${arn}9` }))).toBe('ResourceNotFoundException');
  });
});

describe('ListStreams', () => {
  it('names the streams of a table', () => {
    const stream = { StreamArn: arn, TableName: 'table', StreamLabel: '1970-01-01T00:00:00.000' };

    expect(listStreams(engine, { TableName: 'table' })).toEqual({ Streams: [stream] });
    expect(listStreams(engine, { TableName: 'other' })).toEqual({ Streams: [] });
  });
});
