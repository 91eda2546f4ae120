import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateEventSourceMappingCommand, GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { TEST_START_MS } from '../../../../../helpers/local-service.ts';
import { type MappingBenchOptions, startMappingBench, type Work } from '../../../../../helpers/mapping-bench.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';

const bodiesOf = (event: Parameters<Work>[0]): readonly string[] => event.Records.map(({ body }) => String(body));

const start = async (options: MappingBenchOptions) => {
  const bench = await startMappingBench(options);
  let running = true;
  const stop = async (): Promise<void> => {
    if (running) await bench.stop();
    running = false;
  };
  onTestFinished(stop);
  const lambda = new LambdaClient(bench.clientConfig);
  const sqs = new SQSClient(bench.clientConfig);
  const createQueue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const send = async (QueueUrl: string, ...bodies: readonly string[]): Promise<void> => {
    for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  };
  const left = async (QueueUrl: string) => {
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    return [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesNotVisible].map(Number);
  };
  const map = async (more: object = {}): Promise<string> => {
    const made = await lambda.send(
      new CreateEventSourceMappingCommand({ FunctionName: 'consume', EventSourceArn: `${ARN}:work`, ...more }),
    );
    await bench.clock.advanceBy(5_000);
    return made.UUID ?? '';
  };
  return { ...bench, lambda, createQueue, send, left, map, stop };
};

test('hands messages to the function in batches and deletes what it has done', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const url = await bench.createQueue('work');
  const uuid = await bench.map({ BatchSize: 2 });
  const { State } = await bench.lambda.send(new GetEventSourceMappingCommand({ UUID: uuid }));

  await bench.send(url, 'a');
  await bench.clock.advanceBy(1_000);
  await bench.send(url, 'b');
  await bench.clock.advanceBy(60_000);

  expect(State).toBe('Enabled');
  expect(bench.events.map(bodiesOf)).toEqual([['a'], ['b']]);
  expect(bench.events[0]?.Records[0]).toMatchObject({
    attributes: { ApproximateReceiveCount: '1' },
    eventSource: 'aws:sqs',
    eventSourceARN: `${ARN}:work`,
    md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
  });
  expect(await bench.left(url)).toEqual([0, 0]);
});

test('gathers a batch for the length of its window', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const url = await bench.createQueue('work');
  await bench.map({ BatchSize: 100, MaximumBatchingWindowInSeconds: 20 });

  for (const body of ['a', 'b', 'c']) {
    await bench.send(url, body);
    await bench.clock.advanceBy(5_000);
  }
  const before = bench.events.length;
  await bench.clock.advanceBy(10_000);

  expect(before).toBe(0);
  expect(bench.events.map(bodiesOf)).toEqual([['a', 'b', 'c']]);
});

test('a function that dies in mid-batch gets the whole batch again after the visibility time-out, then the queue gives it up', async () => {
  const bench = await start({
    work: () => {
      throw new Error('killed');
    },
  });
  await bench.createFunction();
  const dead = await bench.createQueue('dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}:dead`, maxReceiveCount: 2 });
  const url = await bench.createQueue('work', { RedrivePolicy, VisibilityTimeout: '30' });
  await bench.map({ MaximumBatchingWindowInSeconds: 1 });

  await bench.send(url, 'a', 'b');
  await bench.clock.advanceBy(100_000);

  expect(bench.events.map(bodiesOf)).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(await bench.left(url)).toEqual([0, 0]);
  expect(await bench.left(dead)).toEqual([2, 0]);
});

test('keeps only the items that the function reports as failed', async () => {
  let calls = 0;
  const bench = await start({
    work: ({ Records }) => {
      calls += 1;
      const failed = calls === 1 ? Records.filter(({ body }) => body === 'b') : [];
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    },
  });
  await bench.createFunction();
  const url = await bench.createQueue('work');
  await bench.map({ MaximumBatchingWindowInSeconds: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] });

  await bench.send(url, 'a', 'b', 'c');
  await bench.clock.advanceBy(60_000);

  expect(bench.events.map(bodiesOf)).toEqual([['a', 'b', 'c'], ['b']]);
  expect(await bench.left(url)).toEqual([0, 0]);
});

test('takes an answer that names an unknown item for a failure of the whole batch', async () => {
  let calls = 0;
  const bench = await start({
    work: () => {
      calls += 1;
      return calls === 1 ? { batchItemFailures: [{ itemIdentifier: 'other' }] } : {};
    },
  });
  await bench.createFunction();
  const url = await bench.createQueue('work');
  await bench.map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });

  await bench.send(url, 'a');
  await bench.clock.advanceBy(60_000);

  expect(bench.events.map(bodiesOf)).toEqual([['a'], ['a']]);
  expect(await bench.left(url)).toEqual([0, 0]);
});

test('deletes messages that no filter lets through', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction();
  const url = await bench.createQueue('work');
  await bench.map({ FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["wanted"]}}' }] } });

  await bench.send(url, '{"kind":"other"}', '{"kind":"wanted"}', 'text');
  await bench.clock.advanceBy(5_000);

  expect(bench.events.map(bodiesOf)).toEqual([['{"kind":"wanted"}']]);
  expect(await bench.left(url)).toEqual([0, 0]);
});

test('loses no message to a function that is throttled', async () => {
  const bench = await start({ work: () => undefined });
  await bench.createFunction({ ReservedConcurrentExecutions: 0 });
  const url = await bench.createQueue('work', { VisibilityTimeout: '60' });
  await bench.map();
  await bench.send(url, 'a', 'b', 'c');
  await bench.clock.advanceBy(200_000);
  const during = bench.events.length;

  const functions = bench.services[2]?.resources['AWS::Lambda::Function'];
  const context = { stackName: 'S', logicalId: 'Consume', generatedName: 'S-Consume-X' };
  const properties = {
    FunctionName: 'consume',
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: 'arn:aws:iam::000000000000:role/consume',
    Code: { S3Bucket: 'assets', S3Key: 'aa11.zip' },
    Timeout: 3,
  };
  await functions?.update({
    ...context,
    physicalId: 'consume',
    properties,
    previousProperties: { ...properties, ReservedConcurrentExecutions: 0 },
  });
  await bench.clock.advanceBy(200_000);

  expect(during).toBe(0);
  expect(bench.events.flatMap(bodiesOf).toSorted()).toEqual(['a', 'b', 'c']);
  expect(await bench.left(url)).toEqual([0, 0]);
});

test('a restart between receive and delete brings the message again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mapping-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let killed = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    killed = resolve;
  });
  const first = await start({
    folder,
    work: () => {
      killed();
      return new Promise(() => undefined);
    },
  });
  await first.createFunction();
  const url = await first.createQueue('work', { VisibilityTimeout: '30' });
  await first.map();
  await first.send(url, 'a');
  await reached;
  await first.stop();

  const second = await start({ folder, startMs: TEST_START_MS + 10_000, work: () => undefined });
  await second.clock.advanceBy(5_000);
  const soon = second.events.length;
  await second.clock.advanceBy(60_000);

  expect(soon).toBe(0);
  expect(second.events.map(bodiesOf)).toEqual([['a']]);
  expect(second.events[0]?.Records[0]).toMatchObject({ attributes: { ApproximateReceiveCount: '2' } });
});

test('delivers a batch twice, later or not at all where faults say so', async () => {
  const faults = ['duplicate', 'delay', 'reject'] as const;
  let asked = 0;
  const bench = await start({
    work: () => undefined,
    faults: {
      delivery: () => {
        const kind = faults[asked++];
        if (kind === undefined) return undefined;
        return kind === 'delay' ? { kind, delayMs: 7_000 } : { kind };
      },
    },
  });
  await bench.createFunction();
  const url = await bench.createQueue('work');
  await bench.map({ BatchSize: 1 });

  const seen: number[] = [];
  for (const body of ['twice', 'later', 'refused']) {
    await bench.send(url, body);
    await bench.clock.settle();
    seen.push(bench.events.length);
    await bench.clock.advanceBy(60_000);
    seen.push(bench.events.length);
  }

  expect(seen).toEqual([2, 2, 2, 3, 3, 4]);
  expect(await bench.left(url)).toEqual([0, 0]);
});

test('runs at most as many batches at once as it may', async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let running = 0;
  let most = 0;
  const bench = await start({
    work: async () => {
      running += 1;
      most = Math.max(most, running);
      await gate;
      running -= 1;
    },
  });
  await bench.createFunction();
  const url = await bench.createQueue('work');
  await bench.map({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });

  await bench.send(url, 'a', 'b', 'c', 'd');
  await expect.poll(() => bench.events.length).toBe(2);
  release();
  await bench.clock.advanceBy(1_000);

  expect(most).toBe(2);
  expect(bench.events.flatMap(bodiesOf).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  expect(await bench.left(url)).toEqual([0, 0]);
});
