import { describe, expect, it } from 'vitest';
import { streamArn } from '../../../../../../infra/local/dynamodb/describe-table.ts';
import type { Engine } from '../../../../../../infra/local/dynamodb/engine.ts';
import { deleteItem } from '../../../../../../infra/local/dynamodb/operations/delete-item.ts';
import { deleteTable } from '../../../../../../infra/local/dynamodb/operations/delete-table.ts';
import { putItem } from '../../../../../../infra/local/dynamodb/operations/put-item.ts';
import { updateTimeToLive } from '../../../../../../infra/local/dynamodb/operations/time-to-live.ts';
import { transactWriteItems } from '../../../../../../infra/local/dynamodb/operations/transact-write-items.ts';
import { updateTable } from '../../../../../../infra/local/dynamodb/operations/update-table.ts';
import { createOpenTableStream } from '../../../../../../infra/local/dynamodb/streams/open-table-stream.ts';
import type { TableStream } from '../../../../../../infra/local/dynamodb/streams/table-stream.ts';
import { deleteExpired } from '../../../../../../infra/local/dynamodb/ttl.ts';
import { memoryEngine } from '../memory-engine.ts';

const HOUR_MS = 3_600_000;
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'a' } });

const streamed = (viewType = 'NEW_AND_OLD_IMAGES') => {
  const clock = { nowMs: 1_000_400 };
  const specification = { StreamEnabled: true, StreamViewType: viewType };
  const engine = memoryEngine({ nowMs: () => clock.nowMs, table: { StreamSpecification: specification } });
  const arn = streamArn(engine.identity, engine.table('table')) ?? '';
  const stream = createOpenTableStream(engine)(arn);
  if (stream === undefined) throw new Error(`no stream ${arn}`);
  return { engine, clock, arn, stream };
};
const put = (engine: Engine, pk: string, more: object = {}) =>
  putItem(engine, { TableName: 'table', Item: { ...key(pk), ...more } });
const told = (stream: TableStream) =>
  stream.read(undefined, 100).map(({ record: { eventName, dynamodb } }) => [eventName, dynamodb.Keys.pk]);

describe('a table’s stream', () => {
  it('tells of inserts, changes and removals with both images, in order', () => {
    const { engine, stream } = streamed();

    put(engine, 'p', { n: { N: '1' } });
    put(engine, 'p', { n: { N: '2' } });
    deleteItem(engine, { TableName: 'table', Key: key('p') });

    const [first, second, third] = stream.read(undefined, 10);
    const one = { ...key('p'), n: { N: '1' } };
    const two = { ...key('p'), n: { N: '2' } };
    expect(first?.record).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: 1_000,
        Keys: key('p'),
        NewImage: one,
        SequenceNumber: '100000000000000000001',
        SizeBytes: 15,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(second?.record).toMatchObject({ eventName: 'MODIFY', dynamodb: { OldImage: one, NewImage: two } });
    expect(third?.record).toMatchObject({ eventName: 'REMOVE', dynamodb: { OldImage: two } });
    expect(third?.record.dynamodb).not.toHaveProperty('NewImage');
  });

  it.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
  ])('tells no more than its view %s', (viewType, images) => {
    const { engine, stream } = streamed(viewType);
    put(engine, 'p', { n: { N: '1' } });
    put(engine, 'p', { n: { N: '2' } });

    const { dynamodb } = stream.read(undefined, 10)[1]?.record ?? {};

    expect(Object.keys(dynamodb ?? {}).filter((name) => name.endsWith('Image'))).toEqual(images);
  });

  it('says nothing of a write that changes nothing', () => {
    const { engine, stream } = streamed();
    put(engine, 'p', { tags: { SS: ['a', 'b'] } });

    put(engine, 'p', { tags: { SS: ['b', 'a'] } });
    deleteItem(engine, { TableName: 'table', Key: key('absent') });

    expect(told(stream)).toEqual([['INSERT', { S: 'p' }]]);
  });

  it('says nothing of a cancelled transaction, and wakes its listeners once for one that holds', () => {
    const { engine, stream } = streamed();
    let woken = 0;
    const stop = stream.onRecords(() => {
      woken += 1;
    });
    const write = (pk: string, more: object = {}) => ({ Put: { TableName: 'table', Item: key(pk), ...more } });

    expect(() =>
      transactWriteItems(engine, {
        TransactItems: [write('a'), write('b', { ConditionExpression: 'attribute_exists(pk)' })],
      }),
    ).toThrow('Transaction cancelled');
    expect([woken, told(stream)]).toEqual([0, []]);
    transactWriteItems(engine, { TransactItems: [write('a'), write('b')] });
    stop();
    put(engine, 'c');

    expect(woken).toBe(1);
    expect(told(stream).map(([, pk]) => pk)).toEqual([{ S: 'a' }, { S: 'b' }, { S: 'c' }]);
  });

  it('names the service as the one who deleted what had expired', () => {
    const { engine, stream, clock } = streamed();
    updateTimeToLive(engine, {
      TableName: 'table',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
    put(engine, 'p', { expires: { N: '2000' } });
    clock.nowMs = 2_001_000;

    deleteExpired(engine);

    expect(stream.read(undefined, 10)[1]?.record).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
    });
  });

  it('reads on behind a sequence number, and keeps records for 24 hours', () => {
    const { engine, stream, clock } = streamed();
    put(engine, 'a');
    const latest = stream.latest();
    put(engine, 'b');

    expect(stream.read(latest, 10).map(({ record }) => record.dynamodb.Keys)).toEqual([key('b')]);
    clock.nowMs += 25 * HOUR_MS;
    put(engine, 'c');

    expect(told(stream)).toEqual([['INSERT', { S: 'c' }]]);
    expect(stream.latest()).toBe('100000000000000000003');
  });

  it('is another one when it is switched off and on, even in one instant', () => {
    const { engine, stream, arn } = streamed();
    const enable = (StreamEnabled: boolean) =>
      updateTable(engine, {
        TableName: 'table',
        StreamSpecification: { StreamEnabled, ...(StreamEnabled ? { StreamViewType: 'KEYS_ONLY' } : {}) },
      });
    put(engine, 'a');

    enable(false);
    put(engine, 'untold');
    enable(true);
    put(engine, 'b');

    const second = streamArn(engine.identity, engine.table('table')) ?? '';
    const next = createOpenTableStream(engine)(second);
    expect(second).not.toBe(arn);
    expect([stream.closed(), told(stream)]).toEqual([true, [['INSERT', { S: 'a' }]]]);
    expect(next && [next.closed(), told(next)]).toEqual([false, [['INSERT', { S: 'b' }]]]);
  });

  it('stays readable when its table is gone, until its last record is old', () => {
    const { engine, stream, arn, clock } = streamed();
    put(engine, 'a');
    deleteTable(engine, { TableName: 'table' });

    expect([stream.closed(), told(stream)]).toEqual([true, [['INSERT', { S: 'a' }]]]);
    clock.nowMs += 26 * HOUR_MS;
    engine.transaction(() => {});

    expect(createOpenTableStream(engine)(arn)).toBeUndefined();
  });
});
