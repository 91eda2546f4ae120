import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { type MappingBenchOptions, startMappingBench, type Work } from '../../../../../helpers/mapping-bench.ts';

interface Change {
  readonly eventName: string;
  readonly dynamodb: { readonly SequenceNumber: string; readonly Keys: { readonly id: { readonly S: string } } };
}

const keysOf = (event: Parameters<Work>[0]): readonly string[] =>
  event.Records.map((record) => (record as unknown as Change).dynamodb.Keys.id.S);

const start = async (options: MappingBenchOptions) => {
  const bench = await startMappingBench(options);
  let running = true;
  const stop = async (): Promise<void> => {
    if (running) await bench.stop();
    running = false;
  };
  onTestFinished(stop);
  const tables = new DynamoDBClient(bench.clientConfig);
  const lambda = new LambdaClient(bench.clientConfig);
  const sqs = new SQSClient(bench.clientConfig);
  const put = async (...ids: readonly string[]): Promise<void> => {
    for (const id of ids) await tables.send(new PutItemCommand({ TableName: 'items', Item: { id: { S: id } } }));
  };
  const createTable = async (): Promise<string> => {
    await tables.send(
      new CreateTableCommand({
        TableName: 'items',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    await bench.clock.advanceBy(60_000);
    const { Table } = await tables.send(new DescribeTableCommand({ TableName: 'items' }));
    return Table?.LatestStreamArn ?? '';
  };
  const map = async (EventSourceArn: string, more: object = {}): Promise<void> => {
    await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'consume',
        EventSourceArn,
        StartingPosition: 'TRIM_HORIZON',
        ...more,
      }),
    );
    await bench.clock.advanceBy(5_000);
  };
  const createQueue = async (QueueName: string): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
  const received = async (QueueUrl: string) => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => JSON.parse(Body ?? ''));
  };
  return { ...bench, tables, lambda, put, createTable, map, createQueue, received, stop };
};

/** Mapped before anything is written, with a function that fails wherever it meets a poison record. */
const startPoisoned = async (more: object) => {
  const bench = await start({
    work: (event) => {
      if (keysOf(event).includes('poison')) throw new Error('poisoned');
    },
  });
  await bench.createFunction();
  const failed = await bench.createQueue('failed');
  const arn = await bench.createTable();
  await bench.put('a', 'b', 'poison', 'c', 'd');
  await bench.map(arn, {
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:failed' } },
    ...more,
  });
  await bench.clock.advanceBy(600_000);
  return { ...bench, failed };
};

test('hands changes over in order, in batches, with their images', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const arn = await bench.createTable();
  await bench.put('a', 'b', 'c');
  await bench.map(arn, { BatchSize: 2 });
  await bench.tables.send(new DeleteItemCommand({ TableName: 'items', Key: { id: { S: 'a' } } }));
  await bench.clock.advanceBy(1_000);

  expect(bench.events.map(keysOf)).toEqual([['a', 'b'], ['c'], ['a']]);
  expect(bench.events[2]?.Records[0]).toMatchObject({
    eventName: 'REMOVE',
    eventSource: 'aws:dynamodb',
    eventSourceARN: arn,
    dynamodb: { OldImage: { id: { S: 'a' } }, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
});

test('begins with what comes after it, if it is to start at the latest', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const arn = await bench.createTable();
  await bench.put('before');
  await bench.map(arn, { StartingPosition: 'LATEST' });
  await bench.put('after');
  await bench.clock.advanceBy(1_000);

  expect(bench.events.map(keysOf)).toEqual([['after']]);
});

test('waits for its window, or until a batch is full', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const arn = await bench.createTable();
  await bench.map(arn, { BatchSize: 3, MaximumBatchingWindowInSeconds: 30 });
  await bench.put('a');
  await bench.clock.advanceBy(10_000);
  await bench.put('b', 'c', 'd');
  await bench.clock.settle();
  const full = bench.events.map(keysOf);
  await bench.clock.advanceBy(30_000);

  expect(full).toEqual([['a', 'b', 'c']]);
  expect(bench.events.map(keysOf)).toEqual([['a', 'b', 'c'], ['d']]);
});

test('bisects a batch down to the poison record, tells the destination of it, and goes on', async () => {
  const bench = await startPoisoned({ BisectBatchOnFunctionError: true });

  expect(bench.events.map(keysOf)).toEqual([
    ['a', 'b', 'poison', 'c', 'd'],
    ['a', 'b', 'poison'],
    ['a', 'b'],
    ['poison'],
    ['poison'],
    ['c', 'd'],
  ]);
  const [record] = await bench.received(bench.failed);
  expect(record).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    version: '1.0',
    DDBStreamBatchInfo: { batchSize: 1 },
  });
  expect(record.DDBStreamBatchInfo.startSequenceNumber).toBe(record.DDBStreamBatchInfo.endSequenceNumber);
});

test('without bisection gives up the whole batch after its retries', async () => {
  const bench = await startPoisoned({});

  expect(bench.events.map(keysOf)).toEqual([
    ['a', 'b', 'poison', 'c', 'd'],
    ['a', 'b', 'poison', 'c', 'd'],
  ]);
  expect((await bench.received(bench.failed))[0]).toMatchObject({ DDBStreamBatchInfo: { batchSize: 5 } });
});

test('goes on from the lowest item that the function reports as failed', async () => {
  let calls = 0;
  const bench = await start({
    work: ({ Records }) => {
      calls += 1;
      const numbers = Records.map((record) => (record as unknown as Change).dynamodb.SequenceNumber);
      const failed = calls === 1 ? [numbers[2], numbers[1]] : [];
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    },
  });
  await bench.createFunction();
  const arn = await bench.createTable();
  await bench.put('a', 'b', 'c');
  await bench.map(arn, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
  await bench.clock.advanceBy(60_000);

  expect(bench.events.map(keysOf)).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c'],
  ]);
});

test('gives up records older than their greatest age, and runs the rest', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const failed = await bench.createQueue('failed');
  const arn = await bench.createTable();
  await bench.put('old');
  await bench.clock.advanceBy(120_000);
  await bench.put('young');
  await bench.map(arn, {
    MaximumRecordAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:failed' } },
  });

  expect(bench.events.map(keysOf)).toEqual([['young']]);
  expect((await bench.received(failed))[0]).toMatchObject({ requestContext: { condition: 'RecordAgeExceeded' } });
});

test('shows the function only what its filters let through', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const arn = await bench.createTable();
  await bench.put('a', 'b', 'c');
  await bench.map(arn, {
    FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"id":{"S":["b"]}}}}' }] },
  });

  expect(bench.events.map(keysOf)).toEqual([['b']]);
});

test('keeps its place and the order over a restart in the middle of a failing batch', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mapping-stream-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = await start({
    folder,
    work: (event) => {
      if (keysOf(event).includes('b')) throw new Error('not yet');
    },
  });
  await first.createFunction();
  const arn = await first.createTable();
  await first.put('a', 'b', 'c', 'd');
  await first.map(arn, { BatchSize: 4, BisectBatchOnFunctionError: true });
  await first.clock.advanceBy(3_000);
  const nowMs = first.clock.nowMs();
  const done = first.events.map(keysOf);
  await first.stop();

  const second = await start({ folder, startMs: nowMs + 1_000, work: () => undefined });
  await second.clock.advanceBy(300_000);

  expect(done.slice(0, 4)).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['a'], ['b']]);
  expect(second.events.map(keysOf)).toEqual([['b'], ['c', 'd']]);
});

test('a throttled function loses no record and no retry', async () => {
  let refusals = 3;
  const bench = await start({
    work: () => undefined,
    faults: { delivery: () => (refusals-- > 0 ? { kind: 'reject' } : undefined) },
  });
  await bench.createFunction();
  const arn = await bench.createTable();
  await bench.put('a');
  await bench.map(arn, { MaximumRetryAttempts: 0 });
  await bench.clock.advanceBy(60_000);

  expect(bench.events.map(keysOf)).toEqual([['a']]);
});
