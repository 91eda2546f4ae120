import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SECOND_MS } from '../../kernel/time.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { OneTimeScheduler } from '../../ports/one-time-schedule.ts';

export const createSchedulerClient = (): SchedulerClient => new SchedulerClient({});

/** `at(...)` takes whole seconds in UTC, without a zone. */
const atExpression = (atMs: number): string =>
  `at(${new Date(Math.ceil(atMs / SECOND_MS) * SECOND_MS).toISOString().slice(0, 19)})`;

export const createOneTimeScheduler = (options: {
  readonly client: SchedulerClient;
  readonly groupName: string;
  /** Role by which Scheduler calls the function. */
  readonly roleArn: string;
}): OneTimeScheduler => ({
  set: async ({ name, atMs, functionArn, input }) => {
    try {
      await callingService('EventBridge Scheduler', () =>
        options.client.send(
          new CreateScheduleCommand({
            Name: name,
            GroupName: options.groupName,
            ScheduleExpression: atExpression(atMs),
            FlexibleTimeWindow: { Mode: 'OFF' },
            ActionAfterCompletion: 'DELETE',
            Target: { Arn: functionArn, RoleArn: options.roleArn, Input: JSON.stringify(input) },
          }),
        ),
      );
    } catch (error) {
      if (error instanceof Error && error.name === 'ConflictException') return; // set before, by the same cause
      throw error;
    }
  },
});
