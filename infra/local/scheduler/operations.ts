import { AwsError } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import type { RestCall, RestOperation } from '../protocols/rest.ts';
import type { ScheduleBook } from './schedule-book.ts';
import { DEFAULT_GROUP, readScheduleSettings, type ScheduleGroup, type StoredSchedule } from './schedules.ts';

const conflict = (what: string): AwsError => new AwsError('ConflictException', `${what} already exists.`, 409);

const readSchedule = async ({ json }: RestCall) =>
  readFields(await json(), {}, (fields) => {
    fields.accept('ClientToken');
    return { group: fields.text('GroupName') ?? DEFAULT_GROUP, settings: readScheduleSettings(fields) };
  });

const nameOf = ({ path }: RestCall): string => path.Name ?? '';
const groupOf = ({ query }: RestCall): string => query.get('groupName') ?? DEFAULT_GROUP;

const shown = (stored: StoredSchedule) => ({
  Arn: stored.arn,
  Name: stored.name,
  GroupName: stored.groupName,
  Description: stored.description,
  ScheduleExpression: stored.scheduleExpression,
  ScheduleExpressionTimezone: stored.timeZone,
  StartDate: stored.startDateMs === undefined ? undefined : stored.startDateMs / 1000,
  EndDate: stored.endDateMs === undefined ? undefined : stored.endDateMs / 1000,
  State: stored.state,
  FlexibleTimeWindow:
    stored.flexibleMinutes === 0
      ? { Mode: 'OFF' }
      : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: stored.flexibleMinutes },
  ActionAfterCompletion: stored.actionAfterCompletion,
  KmsKeyArn: stored.kmsKeyArn,
  CreationDate: stored.createdAtMs / 1000,
  LastModificationDate: stored.modifiedAtMs / 1000,
  Target: {
    Arn: stored.target.arn,
    RoleArn: stored.target.roleArn,
    Input: stored.target.input,
    RetryPolicy: {
      MaximumRetryAttempts: stored.target.maximumRetryAttempts,
      MaximumEventAgeInSeconds: stored.target.maximumEventAgeSeconds,
    },
    DeadLetterConfig: stored.target.deadLetterArn === undefined ? undefined : { Arn: stored.target.deadLetterArn },
    EventBridgeParameters: stored.target.eventBridge && {
      DetailType: stored.target.eventBridge.detailType,
      Source: stored.target.eventBridge.source,
    },
  },
});

const summary = (stored: StoredSchedule) => ({
  Arn: stored.arn,
  Name: stored.name,
  GroupName: stored.groupName,
  State: stored.state,
  CreationDate: stored.createdAtMs / 1000,
  LastModificationDate: stored.modifiedAtMs / 1000,
  Target: { Arn: stored.target.arn },
});

const shownGroup = (group: ScheduleGroup) => ({
  Arn: group.arn,
  Name: group.name,
  State: 'ACTIVE',
  CreationDate: group.createdAtMs / 1000,
  LastModificationDate: group.createdAtMs / 1000,
});

export const schedulerRoutes = (book: ScheduleBook): Readonly<Record<string, RestOperation>> => ({
  'POST /schedules/{Name}': async (call) => {
    const { group, settings } = await readSchedule(call);
    if (book.find(group, nameOf(call)) !== undefined) throw conflict(`Schedule ${nameOf(call)}`);
    return { ScheduleArn: book.put(group, nameOf(call), settings).arn };
  },
  'PUT /schedules/{Name}': async (call) => {
    const { group, settings } = await readSchedule(call);
    book.get(group, nameOf(call));
    return { ScheduleArn: book.put(group, nameOf(call), settings).arn };
  },
  'GET /schedules/{Name}': (call) => shown(book.get(groupOf(call), nameOf(call))),
  'DELETE /schedules/{Name}': (call) => {
    book.get(groupOf(call), nameOf(call));
    book.delete(groupOf(call), nameOf(call));
    return {};
  },
  'GET /schedules': ({ query }) => {
    const prefix = query.get('NamePrefix') ?? '';
    const state = query.get('State');
    const found = book.list(query.get('ScheduleGroup') ?? undefined).filter((one) => one.name.startsWith(prefix));
    return { Schedules: found.filter((one) => state === null || one.state === state).map(summary) };
  },
  'POST /schedule-groups/{Name}': async (call) => {
    readFields(await call.json(), {}, (fields) => fields.accept('ClientToken', 'Tags'));
    if (book.groups().some((group) => group.name === nameOf(call))) throw conflict(`Schedule group ${nameOf(call)}`);
    return { ScheduleGroupArn: book.putGroup(nameOf(call)).arn };
  },
  'GET /schedule-groups/{Name}': (call) => shownGroup(book.group(nameOf(call))),
  'DELETE /schedule-groups/{Name}': (call) => {
    book.group(nameOf(call));
    book.deleteGroup(nameOf(call));
    return {};
  },
  'GET /schedule-groups': ({ query }) => {
    const prefix = query.get('NamePrefix') ?? '';
    return {
      ScheduleGroups: book
        .groups()
        .filter((group) => group.name.startsWith(prefix))
        .map(shownGroup),
    };
  },
});
