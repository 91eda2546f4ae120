import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AwsError } from '../../../../../infra/local/contracts.ts';
import { createEventsService } from '../../../../../infra/local/events/service.ts';
import { type LocalServiceOptions, startLocalService, TEST_START_MS } from '../../../../helpers/local-service.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:dead';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const start = async (options: LocalServiceOptions = {}) => {
  const local = await startLocalService(createEventsService, options);
  const client = new EventBridgeClient(local.clientConfig);
  onTestFinished(() => local.stop());
  const provide = (type: string, properties: Record<string, unknown>, logicalId = 'Resource') =>
    local.services[0]?.resources[type]?.create({
      stackName: 'stack',
      logicalId,
      properties,
      generatedName: `stack-${logicalId}-1`,
    });
  return { ...local, client, provide };
};

const rejecting = (error: Error, count = Number.POSITIVE_INFINITY) => {
  let rejected = 0;
  return async (targetArn: string) => {
    if (targetArn === FUNCTION && rejected++ < count) throw error;
  };
};

const putTraining = (client: EventBridgeClient) =>
  client.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: 'millrace',
          Source: 'millrace',
          DetailType: 'Training Requested',
          Detail: '{"model":"births"}',
        },
      ],
    }),
  );

describe('the event bus', () => {
  it('delivers an event to the targets of the rules that match, and to no other', async () => {
    const { client, provide, recorded, clock } = await start();
    await provide('AWS::Events::EventBus', { Name: 'millrace' });
    const rule = await provide('AWS::Events::Rule', {
      EventBusName: 'millrace',
      EventPattern: { source: ['millrace'], detail: { model: ['births'] } },
      Targets: [{ Id: 't', Arn: FUNCTION, InputPath: '$.detail' }],
    });
    await provide(
      'AWS::Events::Rule',
      { EventBusName: 'millrace', EventPattern: { source: ['other'] }, Targets: [{ Id: 't', Arn: 'arn:never' }] },
      'Other',
    );

    const answer = await putTraining(client);
    await clock.settle();

    expect(answer.FailedEntryCount).toBe(0);
    expect(rule?.physicalId).toBe('millrace|stack-Resource-1');
    expect(recorded.deliveries).toMatchObject([{ targetArn: FUNCTION, payload: '{"model":"births"}' }]);
    expect(recorded.problems).toEqual([]);
  });

  it('answers entries that it cannot take one by one', async () => {
    const { client } = await start();

    const answer = await client.send(
      new PutEventsCommand({
        Entries: [
          { Source: 'aws.s3', DetailType: 'x', Detail: '{}' },
          { Source: 'a', DetailType: 'x', Detail: '{' },
          { Source: 'a', DetailType: 'x', Detail: '{}' },
        ],
      }),
    );

    expect(answer.FailedEntryCount).toBe(2);
    expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual([
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      undefined,
    ]);
  });

  it('tries again with growing pauses and then succeeds', async () => {
    const { client, provide, recorded, clock } = await start({
      ports: { deliver: rejecting(new AwsError('TooManyRequestsException', 'busy', 429), 3) },
    });
    await provide('AWS::Events::EventBus', { Name: 'millrace' });
    await provide('AWS::Events::Rule', {
      EventBusName: 'millrace',
      EventPattern: { source: ['millrace'] },
      Targets: [{ Id: 't', Arn: FUNCTION, DeadLetterConfig: { Arn: QUEUE } }],
    });

    await putTraining(client);
    await clock.advanceBy(60_000);

    expect(recorded.deliveries.map((delivery) => delivery.targetArn)).toEqual([FUNCTION, FUNCTION, FUNCTION, FUNCTION]);
  });

  it('sends what exhausts its retries to the dead-letter queue with the reason', async () => {
    const { client, provide, recorded, clock } = await start({
      ports: { deliver: rejecting(new AwsError('ServiceException', 'down', 500)) },
    });
    await provide('AWS::Events::EventBus', { Name: 'millrace' });
    await provide('AWS::Events::Rule', {
      EventBusName: 'millrace',
      EventPattern: { source: ['millrace'] },
      Targets: [{ Id: 't', Arn: FUNCTION, RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: QUEUE } }],
    });

    await putTraining(client);
    await clock.advanceBy(60_000);

    const letter = recorded.deliveries.at(-1);
    expect(recorded.deliveries).toHaveLength(4);
    expect(letter?.targetArn).toBe(QUEUE);
    expect(letter?.parameters?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'INTERNAL_ERROR' },
      EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
      RETRY_ATTEMPTS: { StringValue: '2' },
      TARGET_ARN: { StringValue: FUNCTION },
    });
  });

  it('does not retry a target that is not there', async () => {
    const { client, provide, recorded, clock } = await start({
      ports: { deliver: rejecting(new AwsError('ResourceNotFoundException', 'no function', 404)) },
    });
    await provide('AWS::Events::EventBus', { Name: 'millrace' });
    await provide('AWS::Events::Rule', {
      EventBusName: 'millrace',
      EventPattern: { source: ['millrace'] },
      Targets: [{ Id: 't', Arn: FUNCTION, DeadLetterConfig: { Arn: QUEUE } }],
    });

    await putTraining(client);
    await clock.advanceBy(60_000);

    expect(recorded.deliveries.map((delivery) => delivery.targetArn)).toEqual([FUNCTION, QUEUE]);
    expect(recorded.deliveries[1]?.parameters?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'NO_RESOURCE' },
      RETRY_ATTEMPTS: { StringValue: '0' },
    });
  });

  it('takes up after a kill what it had not delivered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-events-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const first = await startLocalService(createEventsService, { folder, durable: true });
    first.clock.stop();
    const events = first.services[0] as ReturnType<typeof createEventsService>;
    await events.resources['AWS::Events::Rule']?.create({
      stackName: 's',
      logicalId: 'R',
      generatedName: 'r',
      properties: { EventPattern: { source: ['aws.cloudwatch'] }, Targets: [{ Id: 't', Arn: FUNCTION }] },
    });
    events.putEvent({ busName: 'default', source: 'aws.cloudwatch', detailType: 'x', detail: {} });
    await first.stop();

    const second = await start({ folder, durable: true });
    await second.clock.settle();

    expect(first.recorded.deliveries).toEqual([]);
    expect(second.recorded.deliveries).toHaveLength(1);
  });

  it('delivers once what was put before the services start', async () => {
    const local = await start();
    await local.provide('AWS::Events::Rule', {
      EventPattern: { source: ['aws.s3'] },
      Targets: [{ Id: 't', Arn: FUNCTION }],
    });
    const events = local.services[0] as ReturnType<typeof createEventsService>;
    events.putEvent({ busName: 'default', source: 'aws.s3', detailType: 'x', detail: {} });

    await events.start?.();
    await local.clock.settle();

    expect(local.recorded.deliveries).toHaveLength(1);
  });

  it('fires a scheduled rule by the clock', async () => {
    const { client, recorded, clock } = await start();
    await client.send(new PutRuleCommand({ Name: 'hourly', ScheduleExpression: 'rate(1 hour)' }));
    await client.send(new PutTargetsCommand({ Rule: 'hourly', Targets: [{ Id: 't', Arn: FUNCTION }] }));

    await clock.advanceTo(TEST_START_MS + 3 * 3_600_000);

    const events = recorded.deliveries.map((delivery) => JSON.parse(delivery.payload));
    expect(events.map((event) => event.time)).toEqual([
      '2001-01-01T01:00:00Z',
      '2001-01-01T02:00:00Z',
      '2001-01-01T03:00:00Z',
    ]);
    expect(events[0]).toMatchObject({ 'detail-type': 'Scheduled Event', source: 'aws.events' });
  });

  it('refuses what it does not support by name', async () => {
    const { client, provide } = await start();
    await client.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["a"]}' }));

    const target = { Id: 't', Arn: FUNCTION, KinesisParameters: { PartitionKeyPath: '$.a' } };
    await expect(client.send(new PutTargetsCommand({ Rule: 'r', Targets: [target] }))).rejects.toThrow(
      'KinesisParameters',
    );
    await expect(
      client.send(
        new PutEventsCommand({ Entries: [{ EventBusName: 'none', Source: 'a', DetailType: 'b', Detail: '{}' }] }),
      ),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(provide('AWS::Events::Archive', {})).rejects.toThrow('Archive');
    const answer = await client.send(new ListTargetsByRuleCommand({ Rule: 'r' }));
    expect(answer.Targets).toEqual([]);
  });

  it('tests a pattern on request', async () => {
    const { client } = await start();

    const answer = await client.send(
      new TestEventPatternCommand({ EventPattern: '{"source":["a"]}', Event: '{"source":"a"}' }),
    );

    expect(answer.Result).toBe(true);
  });
});
