import { AwsError } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import type { RestCall, RestOperation } from '../protocols/rest.ts';
import type { ScheduleBook } from './schedule-book.ts';
import { DEFAULT_GROUP, readScheduleSettings, type ScheduleGroup, type StoredSchedule } from './schedules.ts';

const conflict = (what: string): AwsError => new AwsError('ConflictException', `${what} already exists.`, 409);

const readSchedule = async ({ json }: RestCall) => {
  const { judge, ...given } = readFields(await json(), {}, (fields) => ({
    group: fields.text('GroupName') ?? DEFAULT_GROUP,
    clientToken: fields.text('ClientToken'),
    judge: readScheduleSettings(fields),
  }));
  return { ...given, settings: judge() };
};

const MOST_LISTED = 100;

/** One page of items in order; the token is the position to go on from. @throws AwsError ValidationException */
const pageOf = <T>(items: readonly T[], query: URLSearchParams) => {
  const start = Number(query.get('NextToken') ?? '0');
  const size = Number(query.get('MaxResults') ?? MOST_LISTED);
  if (!Number.isInteger(start) || start < 0) throw new AwsError('ValidationException', 'NextToken is not valid.');
  if (!Number.isInteger(size) || size < 1 || size > MOST_LISTED) {
    throw new AwsError(
      'ValidationException',
      `MaxResults must be from 1 to ${MOST_LISTED}, got ${query.get('MaxResults')}`,
    );
  }
  const end = start + size;
  return { page: items.slice(start, end), ...(end < items.length ? { NextToken: String(end) } : {}) };
};

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
    const { group, settings, clientToken } = await readSchedule(call);
    const standing = book.find(group, nameOf(call));
    // The same request again, by its token, is no second schedule.
    if (standing !== undefined && clientToken !== undefined && standing.clientToken === clientToken) {
      return { ScheduleArn: standing.arn };
    }
    if (standing !== undefined) throw conflict(`Schedule ${nameOf(call)}`);
    const made = clientToken === undefined ? settings : { ...settings, clientToken };
    return { ScheduleArn: book.put(group, nameOf(call), made).arn };
  },
  'PUT /schedules/{Name}': async (call) => {
    const { group, settings } = await readSchedule(call);
    book.get(group, nameOf(call));
    return { ScheduleArn: book.put(group, nameOf(call), settings).arn };
  },
  'GET /schedules/{Name}?groupName': (call) => shown(book.get(groupOf(call), nameOf(call))),
  'DELETE /schedules/{Name}?groupName&clientToken': (call) => {
    book.get(groupOf(call), nameOf(call));
    book.delete(groupOf(call), nameOf(call));
    return {};
  },
  'GET /schedules?NamePrefix&State&ScheduleGroup&MaxResults&NextToken': ({ query }) => {
    const prefix = query.get('NamePrefix') ?? '';
    const state = query.get('State');
    const found = book.list(query.get('ScheduleGroup') ?? undefined).filter((one) => one.name.startsWith(prefix));
    const { page, ...rest } = pageOf(
      found.filter((one) => state === null || one.state === state),
      query,
    );
    return { Schedules: page.map(summary), ...rest };
  },
  'POST /schedule-groups/{Name}': async (call) => {
    readFields(await call.json(), {}, (fields) => {
      fields.ignore('a group made twice is refused by its name', 'ClientToken');
      fields.ignore('nothing here asks for tags', 'Tags');
    });
    if (book.groups().some((group) => group.name === nameOf(call))) throw conflict(`Schedule group ${nameOf(call)}`);
    return { ScheduleGroupArn: book.putGroup(nameOf(call)).arn };
  },
  'GET /schedule-groups/{Name}': (call) => shownGroup(book.group(nameOf(call))),
  'DELETE /schedule-groups/{Name}?clientToken': (call) => {
    book.group(nameOf(call));
    book.deleteGroup(nameOf(call));
    return {};
  },
  'GET /schedule-groups?NamePrefix&MaxResults&NextToken': ({ query }) => {
    const prefix = query.get('NamePrefix') ?? '';
    const { page, ...rest } = pageOf(
      book.groups().filter((group) => group.name.startsWith(prefix)),
      query,
    );
    return { ScheduleGroups: page.map(shownGroup), ...rest };
  },
});
