import { ConflictException, CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createOneTimeScheduler } from '../../../../../shared/adapters/scheduler/one-time-scheduler.ts';

const client = mockClient(SchedulerClient);
const scheduler = createOneTimeScheduler({
  client: new SchedulerClient({ region: 'us-east-1' }),
  groupName: 'millrace-dev',
  roleArn: 'arn:aws:iam::1:role/scheduler',
});
const SCHEDULE = {
  name: 'toy-alarm-1',
  atMs: Date.UTC(2001, 2, 3, 6, 0, 0, 1),
  functionArn: 'arn:aws:lambda:us-east-1:1:function:f',
  input: { kind: 'alarm-recheck' },
};

beforeEach(() => client.reset());

describe('the one-time scheduler', () => {
  it('sets a schedule that never fires early and removes itself', async () => {
    client.on(CreateScheduleCommand).resolves({});

    await scheduler.set(SCHEDULE);

    expect(client.commandCalls(CreateScheduleCommand)[0]?.args[0].input).toMatchObject({
      Name: 'toy-alarm-1',
      GroupName: 'millrace-dev',
      ScheduleExpression: 'at(2001-03-03T06:00:01)',
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: SCHEDULE.functionArn,
        RoleArn: 'arn:aws:iam::1:role/scheduler',
        Input: '{"kind":"alarm-recheck"}',
      },
    });
  });

  it('leaves a schedule of the same name as it stands', async () => {
    client
      .on(CreateScheduleCommand)
      .rejects(new ConflictException({ message: 'exists', Message: 'exists', $metadata: {} }));

    await expect(scheduler.set(SCHEDULE)).resolves.toBeUndefined();
  });
});
