import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AwsError } from '../../../../../infra/local/contracts.ts';
import { createSchedulerService } from '../../../../../infra/local/scheduler/service.ts';
import { type LocalServiceOptions, startLocalService, TEST_START_MS } from '../../../../helpers/local-service.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const HOUR_MS = 3_600_000;

const start = async (options: LocalServiceOptions = {}) => {
  const local = await startLocalService(createSchedulerService, options);
  onTestFinished(() => local.stop());
  return { ...local, client: new SchedulerClient(local.clientConfig) };
};

const schedule = (overrides: Partial<CreateScheduleCommandInput> = {}): CreateScheduleCommandInput => ({
  Name: 'daily',
  ScheduleExpression: 'cron(0 2 * * ? *)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: FUNCTION, RoleArn: 'arn:role', Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
  ...overrides,
});

describe('the scheduler', () => {
  it('fires at its instants with the scheduled time in the input', async () => {
    const { client, clock, recorded } = await start();
    await client.send(new CreateScheduleCommand(schedule()));

    await clock.advanceBy(49 * HOUR_MS);

    expect(recorded.deliveries.map((delivery) => delivery.payload)).toEqual([
      '{"at":"2001-01-01T02:00:00Z"}',
      '{"at":"2001-01-02T02:00:00Z"}',
    ]);
    expect(recorded.problems).toEqual([]);
  });

  it('fires a rate without a start date at once, and none outside its dates', async () => {
    const { client, clock, recorded } = await start();
    await client.send(new CreateScheduleCommand(schedule({ Name: 'now', ScheduleExpression: 'rate(1 hour)' })));
    const bounded = {
      Name: 'later',
      ScheduleExpression: 'rate(1 hour)',
      StartDate: new Date(TEST_START_MS + 2 * HOUR_MS),
      EndDate: new Date(TEST_START_MS + 3 * HOUR_MS),
    };
    await client.send(new CreateScheduleCommand(schedule(bounded)));

    await clock.advanceBy(0);
    const atOnce = recorded.deliveries.length;
    await client.send(new DeleteScheduleCommand({ Name: 'now' }));
    await clock.advanceBy(9 * HOUR_MS);

    expect(atOnce).toBe(1);
    expect(recorded.deliveries).toHaveLength(1 + 2);
  });

  it('deletes a one-time schedule after it has run, if told to', async () => {
    const { client, clock, recorded } = await start();
    const once = {
      Name: 'once',
      ScheduleExpression: 'at(2001-01-01T01:00:00)',
      ActionAfterCompletion: 'DELETE',
    } as const;
    await client.send(new CreateScheduleCommand(schedule(once)));

    await clock.advanceBy(2 * HOUR_MS);

    expect(recorded.deliveries).toHaveLength(1);
    await expect(client.send(new GetScheduleCommand({ Name: 'once' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('calls the API that a universal target names', async () => {
    const { client, clock, recorded } = await start({ ports: { call: async () => ({}) } });
    const target = {
      Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
      RoleArn: 'arn:role',
      Input: '{"stateMachineArn":"arn:m"}',
    };
    await client.send(new CreateScheduleCommand(schedule({ Target: target })));

    await clock.advanceBy(3 * HOUR_MS);

    expect(recorded.calls).toEqual([
      { service: 'states', action: 'StartExecution', parameters: { stateMachineArn: 'arn:m' }, roleArn: 'arn:role' },
    ]);
  });

  it('counts the attempts in the input and ends in the dead-letter queue', async () => {
    const { client, clock, recorded } = await start({
      ports: {
        deliver: async (arn) => {
          if (arn === FUNCTION) throw new AwsError('ServiceException', 'down', 500);
        },
      },
    });
    const target = {
      Arn: FUNCTION,
      RoleArn: 'arn:role',
      Input: '<aws.scheduler.attempt-number>',
      RetryPolicy: { MaximumRetryAttempts: 1 },
      DeadLetterConfig: { Arn: 'arn:dead' },
    };
    await client.send(new CreateScheduleCommand(schedule({ Target: target })));

    await clock.advanceBy(3 * HOUR_MS);

    expect(recorded.deliveries.map(({ targetArn, payload }) => [targetArn, payload])).toEqual([
      [FUNCTION, '1'],
      [FUNCTION, '2'],
      ['arn:dead', '<aws.scheduler.attempt-number>'],
    ]);
  });

  it('draws the same delay of a flexible window in every run', async () => {
    const run = async () => {
      const { client, clock, recorded } = await start({ ports: { deliver: async () => {} } });
      const times: number[] = [];
      const flexible = { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 60 } } as const;
      await client.send(new CreateScheduleCommand(schedule(flexible)));
      await clock.runUntil(() => recorded.deliveries.length === 1, TEST_START_MS + 4 * HOUR_MS);
      times.push(clock.nowMs());
      return times;
    };

    const [first, second] = [await run(), await run()];

    expect(first).toEqual(second);
    expect(first[0]).toBeGreaterThan(TEST_START_MS + 2 * HOUR_MS);
    expect(first[0]).toBeLessThanOrEqual(TEST_START_MS + 3 * HOUR_MS);
  });

  it('fires once for what was missed while it was down, then goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-scheduler-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const first = await startLocalService(createSchedulerService, { folder, durable: true });
    await new SchedulerClient(first.clientConfig).send(new CreateScheduleCommand(schedule()));
    await first.stop();

    const startMs = TEST_START_MS + (3 * 24 + 5) * HOUR_MS;
    const second = await start({ folder, durable: true, startMs });
    await second.clock.advanceBy(24 * HOUR_MS);

    expect(second.recorded.deliveries.map((delivery) => delivery.payload)).toEqual([
      '{"at":"2001-01-04T02:00:00Z"}',
      '{"at":"2001-01-05T02:00:00Z"}',
    ]);
  });

  it('keeps schedules in groups and shows them as they were put', async () => {
    const { client } = await start();
    await client.send(new CreateScheduleGroupCommand({ Name: 'millrace-dev' }));
    await client.send(new CreateScheduleCommand(schedule({ GroupName: 'millrace-dev', State: 'DISABLED' })));
    await client.send(new UpdateScheduleCommand(schedule({ GroupName: 'millrace-dev', Description: 'changed' })));

    const listed = await client.send(new ListSchedulesCommand({ GroupName: 'millrace-dev' }));
    const shown = await client.send(new GetScheduleCommand({ GroupName: 'millrace-dev', Name: 'daily' }));

    expect(listed.Schedules?.map((one) => one.Arn)).toEqual([
      'arn:aws:scheduler:us-east-1:000000000000:schedule/millrace-dev/daily',
    ]);
    expect(shown).toMatchObject({ State: 'ENABLED', Description: 'changed', FlexibleTimeWindow: { Mode: 'OFF' } });
    expect(shown.CreationDate).toEqual(new Date(TEST_START_MS));
  });

  it('refuses a second schedule of a name, a past instant and an option without behaviour', async () => {
    const { client } = await start();
    await client.send(new CreateScheduleCommand(schedule()));
    const send = (overrides: Partial<CreateScheduleCommandInput>) =>
      client.send(new CreateScheduleCommand(schedule({ Name: 'other', ...overrides })));

    await expect(send({ Name: 'daily' })).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(send({ ScheduleExpression: 'at(2000-12-31T23:59:59)' })).rejects.toThrow('in the past');
    await expect(send({ Target: { Arn: 'a', RoleArn: 'r', SqsParameters: { MessageGroupId: 'g' } } })).rejects.toThrow(
      'SqsParameters',
    );
  });
});
