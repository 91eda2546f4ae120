import { AwsError, type ServiceContext } from '../contracts.ts';
import { requireScheduleRole } from './access.ts';
import { checkTargetInputOf, createScheduleRunner } from './schedule-runner.ts';
import {
  checkName,
  DEFAULT_GROUP,
  groupArn,
  nextFireAfter,
  type ScheduleGroup,
  type ScheduleSettings,
  type StoredSchedule,
  scheduleArn,
  scheduleKey,
} from './schedules.ts';

/** The durable schedules and groups; every change moves the schedule's timer. */
export interface ScheduleBook {
  readonly get: (group: string, name: string) => StoredSchedule;
  readonly find: (group: string, name: string) => StoredSchedule | undefined;
  readonly list: (group: string | undefined) => readonly StoredSchedule[];
  /** Creates or replaces. */
  readonly put: (group: string, name: string, settings: ScheduleSettings) => StoredSchedule;
  readonly delete: (group: string, name: string) => void;
  readonly group: (name: string) => ScheduleGroup;
  readonly groups: () => readonly ScheduleGroup[];
  readonly putGroup: (name: string) => ScheduleGroup;
  /** Deletes the group's schedules with it. */
  readonly deleteGroup: (name: string) => void;
  readonly start: () => void;
}

const notFound = (what: string): AwsError => new AwsError('ResourceNotFoundException', `${what} does not exist.`, 404);

export const createScheduleBook = (context: ServiceContext): ScheduleBook => {
  const { clock, store } = context;
  const table = store.table<StoredSchedule>('scheduler.schedules');
  const groupTable = store.table<ScheduleGroup>('scheduler.groups');

  const remove = (key: string): void => {
    table.delete(key);
    runner.follow(key, undefined);
  };

  const runner = createScheduleRunner(context, {
    get: table.get,
    put: (stored) => table.put(scheduleKey(stored.groupName, stored.name), stored),
    remove,
    all: () => table.entries().map(([, stored]) => stored),
  });

  const group = (name: string): ScheduleGroup => {
    const found = groupTable.get(name);
    if (found !== undefined) return found;
    if (name === DEFAULT_GROUP) return { name, arn: groupArn(context, name), createdAtMs: 0 };
    throw notFound(`Schedule group ${name}`);
  };

  const put = (groupName: string, name: string, settings: ScheduleSettings): StoredSchedule => {
    group(groupName);
    const key = scheduleKey(groupName, checkName('Name', name));
    const before = table.get(key);
    const nowMs = clock.nowMs();
    const stored: StoredSchedule = {
      ...settings,
      name,
      groupName,
      arn: scheduleArn(context, groupName, name),
      createdAtMs: before?.createdAtMs ?? nowMs,
      modifiedAtMs: nowMs,
      // A changed schedule does not make up for instants before the change.
      lastFireAtMs: before === undefined ? undefined : nowMs,
    };
    checkTargetInputOf(stored);
    requireScheduleRole(context.access, stored.target.roleArn);
    // AWS refuses to create a one-time schedule whose instant has passed.
    if (settings.scheduleExpression.startsWith('at(') && nextFireAfter(stored, nowMs - 1) === undefined) {
      throw new AwsError(
        'ValidationException',
        `Invalid Schedule Expression ${settings.scheduleExpression}: it is in the past`,
      );
    }
    table.put(key, stored);
    runner.follow(key, stored);
    return stored;
  };

  return {
    group,
    put,
    get: (groupName, name) => {
      const found = table.get(scheduleKey(groupName, name));
      if (found === undefined) throw notFound(`Schedule ${name}`);
      return found;
    },
    find: (groupName, name) => table.get(scheduleKey(groupName, name)),
    list: (groupName) => table.entries(groupName === undefined ? '' : `${groupName}/`).map(([, stored]) => stored),
    delete: (groupName, name) => remove(scheduleKey(groupName, name)),
    groups: () => [group(DEFAULT_GROUP), ...groupTable.entries().map(([, one]) => one)],
    putGroup: (name) => {
      const made = groupTable.get(checkName('Name', name)) ?? {
        name,
        arn: groupArn(context, name),
        createdAtMs: clock.nowMs(),
      };
      groupTable.put(name, made);
      return made;
    },
    deleteGroup: (name) => {
      for (const [key] of table.entries(`${name}/`)) remove(key);
      groupTable.delete(name);
    },
    start: () => runner.start(),
  };
};
