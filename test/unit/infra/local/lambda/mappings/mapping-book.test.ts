import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { startMappingBench } from '../../../../../helpers/mapping-bench.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';

const start = async () => {
  const bench = await startMappingBench({ work: () => undefined });
  onTestFinished(() => bench.stop());
  await bench.createFunction();
  const sqs = new SQSClient(bench.clientConfig);
  for (const QueueName of ['one', 'two']) await sqs.send(new CreateQueueCommand({ QueueName }));
  await sqs.send(new CreateQueueCommand({ QueueName: 'short', Attributes: { VisibilityTimeout: '1' } }));
  const client = new LambdaClient(bench.clientConfig);
  const create = (more: object = {}) =>
    client.send(
      new CreateEventSourceMappingCommand({ FunctionName: 'consume', EventSourceArn: `${ARN}:one`, ...more }),
    );
  const stateOf = async (UUID: string | undefined) =>
    (await client.send(new GetEventSourceMappingCommand({ UUID }))).State;
  return { ...bench, client, create, stateOf };
};

test('a mapping goes through its states on the clock', async () => {
  const { clock, client, create, stateOf } = await start();

  const { UUID, State } = await create();
  await clock.advanceBy(5_000);
  const enabled = await stateOf(UUID);
  const disabling = await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  await clock.advanceBy(5_000);
  const disabled = await stateOf(UUID);
  const deleting = await client.send(new DeleteEventSourceMappingCommand({ UUID }));
  await clock.advanceBy(5_000);

  expect([State, enabled, disabling.State, disabled, deleting.State]).toEqual([
    'Creating',
    'Enabled',
    'Disabling',
    'Disabled',
    'Deleting',
  ]);
  await expect(stateOf(UUID)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('mappings are shown with their defaults and listed by function and source, page by page', async () => {
  const { client, create } = await start();
  const made = await create();
  await create({ EventSourceArn: `${ARN}:two` });

  const first = await client.send(new ListEventSourceMappingsCommand({ FunctionName: 'consume', MaxItems: 1 }));
  const second = await client.send(
    new ListEventSourceMappingsCommand({ FunctionName: 'consume', MaxItems: 1, Marker: first.NextMarker }),
  );
  const ofTwo = await client.send(new ListEventSourceMappingsCommand({ EventSourceArn: `${ARN}:two` }));

  expect(made).toMatchObject({
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 0,
    EventSourceArn: `${ARN}:one`,
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:consume',
    LastProcessingResult: 'No records processed',
    StateTransitionReason: 'USER_INITIATED',
    $metadata: { httpStatusCode: 202 },
  });
  expect([first.EventSourceMappings?.length, second.EventSourceMappings?.length]).toEqual([1, 1]);
  expect(second.NextMarker).toBeUndefined();
  expect(ofTwo.EventSourceMappings?.map(({ EventSourceArn }) => EventSourceArn)).toEqual([`${ARN}:two`]);
});

test('refuses a mapping that stands, and tells which', async () => {
  const { create } = await start();
  const { UUID } = await create();

  await expect(create()).rejects.toMatchObject({
    name: 'ResourceConflictException',
    message: expect.stringContaining(`mapping with UUID ${UUID}`),
    $metadata: { httpStatusCode: 409 },
  });
});

test.each([
  ['a batch without a window', { BatchSize: 11 }, 'Maximum batch window in seconds must be greater than 0'],
  ['a queue that hides for too short', { EventSourceArn: `${ARN}:short` }, 'Queue visibility timeout: 1 seconds'],
  ['a queue that is not there', { EventSourceArn: `${ARN}:none` }, 'AWS.SimpleQueueService.NonExistentQueue'],
  ['a filter that is no pattern', { FilterCriteria: { Filters: [{ Pattern: '{' }] } }, 'Invalid filter pattern'],
  ['a stream\u2019s option on a queue', { MaximumRetryAttempts: 1 }, 'Unsupported MaximumRetryAttempts parameter'],
  ['a FIFO queue', { EventSourceArn: `${ARN}:a.fifo` }, 'is not supported here'],
  ['a tumbling window', { TumblingWindowInSeconds: 30 }, 'TumblingWindowInSeconds is not supported here'],
  ['parts of a shard at once', { ParallelizationFactor: 2 }, 'ParallelizationFactor must be an integer from 1 to 1'],
])('refuses %s by name', async (_what, more, message) => {
  const { create } = await start();

  await expect(create(more)).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringContaining(message),
  });
});
