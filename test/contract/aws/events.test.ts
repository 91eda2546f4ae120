import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreateService } from '../../../infra/local/contracts.ts';
import { createEventsService } from '../../../infra/local/events/service.ts';
import { createSqsService, type SqsService } from '../../../infra/local/sqs/service.ts';
import { type ContractTarget, ON_AWS, openContractTarget } from '../../helpers/contract-target.ts';

let target: ContractTarget;
let events: EventBridgeClient;
let sqs: SQSClient;
let EventBusName = '';
beforeAll(async () => {
  const local: { queues?: SqsService } = {};
  const queues: CreateService = (context) => {
    local.queues = createSqsService(context);
    return local.queues;
  };
  target = await openContractTarget([createEventsService, queues], {
    ports: { deliver: async (...delivery) => local.queues?.deliver(...delivery) },
  });
  events = new EventBridgeClient(target.clientConfig);
  sqs = new SQSClient(target.clientConfig);
  EventBusName = target.prefix;
  await events.send(new CreateEventBusCommand({ Name: EventBusName }));
  target.afterwards(() => events.send(new DeleteEventBusCommand({ Name: EventBusName })));
});
afterAll(async () => {
  await target?.stop();
  events?.destroy();
  sqs?.destroy();
});

let count = 0;
const nextName = (): string => {
  count += 1;
  return `${target.prefix}-${count}`;
};

const putRule = async (EventPattern: object) => {
  const Name = nextName();
  const { RuleArn = '' } = await events.send(
    new PutRuleCommand({ Name, EventBusName, EventPattern: JSON.stringify(EventPattern) }),
  );
  target.afterwards(() => events.send(new DeleteRuleCommand({ Name, EventBusName })));
  return { Name, RuleArn };
};

/** A queue behind a rule, which may write to it. */
const aimAtQueue = async ({ Name, RuleArn }: { Name: string; RuleArn: string }, more: object = {}) => {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: nextName() }));
  target.afterwards(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Arn = Attributes?.QueueArn ?? '';
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: Arn,
      Condition: { ArnEquals: { 'aws:SourceArn': RuleArn } },
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  await events.send(new PutTargetsCommand({ Rule: Name, EventBusName, Targets: [{ Id: 'queue', Arn, ...more }] }));
  target.afterwards(() => events.send(new RemoveTargetsCommand({ Rule: Name, EventBusName, Ids: ['queue'] })));
  return async (atLeast: number): Promise<readonly string[]> => {
    const bodies: string[] = [];
    await target.eventually(`${atLeast} events`, async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      bodies.push(...Messages.map(({ Body }) => Body ?? ''));
      return bodies.length >= atLeast;
    });
    return bodies;
  };
};

const entry = (Detail: string, more: object = {}) => ({
  EventBusName,
  Source: 'millrace.contract',
  DetailType: 'Tried',
  Detail,
  ...more,
});

describe('PutEvents', () => {
  it('reaches the targets of rules whose pattern holds, in the form that each wants', async () => {
    const whole = await aimAtQueue(
      await putRule({ source: ['millrace.contract'], detail: { size: [{ numeric: ['>', 1] }] } }),
    );
    const part = await aimAtQueue(await putRule({ 'detail-type': ['Tried'] }), {
      InputTransformer: {
        InputPathsMap: { size: '$.detail.size' },
        InputTemplate: '{"got": <size>, "text": "<size>"}',
      },
    });

    const answer = await events.send(new PutEventsCommand({ Entries: [entry('{"size":1}'), entry('{"size":2}')] }));

    expect(answer.FailedEntryCount).toBe(0);
    expect(JSON.parse((await whole(1))[0] ?? '')).toMatchObject({
      version: '0',
      id: answer.Entries?.[1]?.EventId,
      source: 'millrace.contract',
      'detail-type': 'Tried',
      resources: [],
      detail: { size: 2 },
    });
    expect((await part(2)).toSorted()).toEqual(['{"got": 1, "text": "1"}', '{"got": 2, "text": "2"}']);
  });

  it('fails entry by entry', async () => {
    const { FailedEntryCount, Entries } = await events.send(
      new PutEventsCommand({
        Entries: [
          entry('{}'),
          entry('not json'),
          entry('{}', { Source: 'aws.s3' }),
          entry('{}', { DetailType: undefined }),
        ],
      }),
    );

    expect(FailedEntryCount).toBe(3);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'InvalidArgument',
    ]);
    expect(Entries?.[1]?.ErrorMessage).toBe('Detail is malformed.');
  });

  it('takes ten entries and no more', async () => {
    const put = (length: number) =>
      events.send(new PutEventsCommand({ Entries: Array.from({ length }, () => entry('{}')) }));

    expect((await put(10)).FailedEntryCount).toBe(0);
    await expect(put(11)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(0)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('rules', () => {
  it('are shown as they were put, disabled, listed page by page', async () => {
    const { Name, RuleArn } = await putRule({ source: ['a'] });
    await putRule({ source: ['b'] });
    await events.send(new DisableRuleCommand({ Name, EventBusName }));

    const shown = await events.send(new DescribeRuleCommand({ Name, EventBusName }));
    const first = await events.send(new ListRulesCommand({ EventBusName, NamePrefix: target.prefix, Limit: 1 }));
    const second = await events.send(
      new ListRulesCommand({ EventBusName, NamePrefix: target.prefix, Limit: 1, NextToken: first.NextToken }),
    );

    expect(shown).toMatchObject({ Arn: RuleArn, State: 'DISABLED', EventPattern: '{"source":["a"]}', EventBusName });
    expect(first.Rules).toHaveLength(1);
    expect(second.Rules).toHaveLength(1);
    expect(second.Rules?.[0]?.Name).not.toBe(first.Rules?.[0]?.Name);
  });

  it('cannot be deleted with targets, nor take more than five', async () => {
    const rule = await putRule({ source: ['a'] });
    await aimAtQueue(rule);
    const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: rule.Name, EventBusName }));
    const six = Array.from({ length: 6 }, (_, index) => ({ Id: String(index), Arn: Targets[0]?.Arn ?? '' }));

    await expect(events.send(new DeleteRuleCommand({ Name: rule.Name, EventBusName }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    });
    await expect(
      events.send(new PutTargetsCommand({ Rule: rule.Name, EventBusName, Targets: six })),
    ).rejects.toMatchObject({ name: 'LimitExceededException' });
  });

  it('refuse a pattern that is wrong, a schedule on a bus of their own, and a bus that is not there', async () => {
    const put = (more: object) =>
      events.send(new PutRuleCommand({ Name: `${target.prefix}-refused`, EventBusName, ...more }));

    await expect(put({ EventPattern: '{"source":"a"}' })).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
    });
    await expect(put({ ScheduleExpression: 'rate(1 minute)' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'ScheduleExpression is supported only on the default event bus.',
    });
    await expect(put({ EventPattern: '{"source":["a"]}', EventBusName: 'none' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Event bus none does not exist.',
    });
  });

  it('test a pattern against an event', async () => {
    const Event = JSON.stringify({
      id: '1',
      'detail-type': 'Tried',
      source: 'a',
      account: '123456789012',
      time: '2001-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail: { name: 'model-7', size: 12 },
    });
    const holds = async (detail: object) =>
      (await events.send(new TestEventPatternCommand({ Event, EventPattern: JSON.stringify({ detail }) }))).Result;

    expect(await holds({ name: [{ prefix: 'model-' }], size: [{ numeric: ['>=', 10, '<', 20] }] })).toBe(true);
    expect(await holds({ name: [{ 'anything-but': { suffix: '-7' } }] })).toBe(false);
    expect(await holds({ $or: [{ name: ['x'] }, { size: [12] }] })).toBe(true);
    expect(await holds({ absent: [{ exists: false }] })).toBe(true);
  });
});

it.skipIf(ON_AWS)('refuses archives and replays by name', async () => {
  const archive = events.send(
    new CreateArchiveCommand({
      ArchiveName: 'all',
      EventSourceArn: 'arn:aws:events:us-east-1:000000000000:event-bus/x',
    }),
  );

  await expect(archive).rejects.toMatchObject({ message: expect.stringContaining('CreateArchive is not supported') });
});
