import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSchedulerService } from '../../../infra/local/scheduler/service.ts';
import { type ContractTarget, ON_AWS, openContractTarget } from '../../helpers/contract-target.ts';

/** On AWS a schedule needs a role that Scheduler may take: its ARN stands in TEST_SCHEDULER_ROLE_ARN. */
const ROLE = ON_AWS ? process.env.TEST_SCHEDULER_ROLE_ARN : 'arn:aws:iam::000000000000:role/scheduler';
/** Any queue: no schedule of this suite fires. */
const QUEUE = `arn:aws:sqs:${process.env.AWS_REGION ?? 'us-east-1'}:${ROLE?.split(':')[4]}:none`;

let target: ContractTarget;
let client: SchedulerClient;
let GroupName = '';
beforeAll(async () => {
  target = await openContractTarget([createSchedulerService]);
  client = new SchedulerClient(target.clientConfig);
  GroupName = target.prefix;
  await client.send(new CreateScheduleGroupCommand({ Name: GroupName }));
  target.afterwards(() => client.send(new DeleteScheduleGroupCommand({ Name: GroupName })));
});
afterAll(async () => {
  await target?.stop();
  client?.destroy();
});

let count = 0;
const nextName = (): string => {
  count += 1;
  return `schedule-${count}`;
};

const inputOf = (more: object = {}) => ({
  Name: nextName(),
  GroupName,
  ScheduleExpression: 'rate(12 hours)',
  State: 'DISABLED' as const,
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: { Arn: QUEUE, RoleArn: ROLE, Input: '{"a":1}' },
  ...more,
});
const create = (more: object = {}) => client.send(new CreateScheduleCommand(inputOf(more)));

describe.skipIf(ROLE === undefined)('schedules', () => {
  it('are shown as they were made, with the defaults of the retry policy', async () => {
    const input = inputOf({
      ScheduleExpression: 'cron(0 8 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      ActionAfterCompletion: 'DELETE',
    });
    const { ScheduleArn } = await client.send(new CreateScheduleCommand(input));

    const shown = await client.send(new GetScheduleCommand({ GroupName, Name: input.Name }));

    expect(ScheduleArn).toMatch(new RegExp(`:schedule/${GroupName}/${input.Name}$`));
    expect(shown).toMatchObject({
      Arn: ScheduleArn,
      ScheduleExpression: 'cron(0 8 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      ActionAfterCompletion: 'DELETE',
      State: 'DISABLED',
      Target: { Input: '{"a":1}', RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
    });
    expect(shown.CreationDate).toBeInstanceOf(Date);
  });

  it('are replaced as a whole by an update', async () => {
    const input = inputOf();
    await client.send(new CreateScheduleCommand({ ...input, Description: 'first' }));
    await client.send(new UpdateScheduleCommand({ ...input, ScheduleExpression: 'rate(1 day)' }));

    const shown = await client.send(new GetScheduleCommand({ GroupName, Name: input.Name }));

    expect(shown.ScheduleExpression).toBe('rate(1 day)');
    expect(shown.Description).toBeUndefined();
  });

  it('are made once: again only by the same token', async () => {
    const input = inputOf({ ClientToken: `${target.prefix}-token` });
    const first = await client.send(new CreateScheduleCommand(input));
    const again = await client.send(new CreateScheduleCommand(input));

    expect(again.ScheduleArn).toBe(first.ScheduleArn);
    await expect(client.send(new CreateScheduleCommand({ ...input, ClientToken: 'other' }))).rejects.toMatchObject({
      name: 'ConflictException',
      $metadata: { httpStatusCode: 409 },
    });
  });

  it('are listed by group and prefix, page by page', async () => {
    await create();
    await create();
    const first = await client.send(new ListSchedulesCommand({ GroupName, NamePrefix: 'schedule-', MaxResults: 1 }));
    const second = await client.send(
      new ListSchedulesCommand({ GroupName, NamePrefix: 'schedule-', MaxResults: 1, NextToken: first.NextToken }),
    );

    expect(first.Schedules).toHaveLength(1);
    expect(second.Schedules).toHaveLength(1);
    expect(second.Schedules?.[0]?.Name).not.toBe(first.Schedules?.[0]?.Name);
  });

  it('refuse an expression, a window and a group that are wrong', async () => {
    for (const ScheduleExpression of ['rate(1 minutes)', 'rate(0 days)', 'cron(0 8 * * * *)', 'at(yesterday)']) {
      await expect(create({ ScheduleExpression })).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining('Invalid Schedule Expression'),
      });
    }
    await expect(create({ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(create({ GroupName: `${GroupName}-none` })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('name one that is not there', async () => {
    const find = client.send(new GetScheduleCommand({ GroupName, Name: 'none' }));
    const remove = client.send(new DeleteScheduleCommand({ GroupName, Name: 'none' }));

    await expect(find).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule none does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(remove).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
