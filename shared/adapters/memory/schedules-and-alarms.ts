import type { AlarmReader, AlarmState } from '../../ports/alarm-reader.ts';
import type { ExecutionStarter } from '../../ports/execution-starter.ts';
import type { OneTimeScheduler } from '../../ports/one-time-schedule.ts';

type StartedExecution = Parameters<ExecutionStarter['start']>[0];
type OneTimeSchedule = Parameters<OneTimeScheduler['set']>[0];

/** Executions by name, for tests. */
export const createMemoryExecutionStarter = (): ExecutionStarter & {
  readonly started: readonly StartedExecution[];
} => {
  const started: StartedExecution[] = [];
  return {
    started,
    start: async (request) => {
      if (started.some(({ name }) => name === request.name)) return 'exists';
      started.push(request);
      return 'started';
    },
  };
};

/** One-time schedules by name, for tests. */
export const createMemoryOneTimeScheduler = (): OneTimeScheduler & {
  readonly schedules: readonly OneTimeSchedule[];
} => {
  const schedules: OneTimeSchedule[] = [];
  return {
    schedules,
    set: async (schedule) => {
      if (!schedules.some(({ name }) => name === schedule.name)) schedules.push(schedule);
    },
  };
};

/** Alarms by name, for tests. */
export const createMemoryAlarmReader = (alarms: ReadonlyMap<string, AlarmState>): AlarmReader => ({
  read: async (alarmName) => alarms.get(alarmName),
});
