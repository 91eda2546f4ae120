import { type AccessControl, AwsError, type CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, type RestInput, textOf } from '../iam/guard.ts';
import { requireTrust } from '../iam/require-trust.ts';
import { DEFAULT_GROUP } from './schedules.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html */
export const schedulerAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules<RestInput> => {
  const arn = `arn:${partition}:scheduler:${region}:${accountId}`;
  const onSchedule =
    (action: string) =>
    ({ call, body }: RestInput): readonly Need[] => {
      const group = textOf(body, 'GroupName') || call.query.get('groupName') || DEFAULT_GROUP;
      return [{ action: `scheduler:${action}`, resource: `${arn}:schedule/${group}/${call.path.Name ?? ''}` }];
    };
  const onGroup =
    (action: string) =>
    ({ call }: RestInput): readonly Need[] => [
      { action: `scheduler:${action}`, resource: `${arn}:schedule-group/${call.path.Name ?? ''}` },
    ];
  const withRole =
    (action: string) =>
    (input: RestInput): readonly Need[] => [...onSchedule(action)(input), ...passRole(input.body)];
  return {
    'POST /schedules/{Name}': withRole('CreateSchedule'),
    'PUT /schedules/{Name}': withRole('UpdateSchedule'),
    'GET /schedules/{Name}': onSchedule('GetSchedule'),
    'DELETE /schedules/{Name}': onSchedule('DeleteSchedule'),
    'GET /schedules': () => [{ action: 'scheduler:ListSchedules', resource: `${arn}:schedule/*/*` }],
    'POST /schedule-groups/{Name}': onGroup('CreateScheduleGroup'),
    'GET /schedule-groups/{Name}': onGroup('GetScheduleGroup'),
    'DELETE /schedule-groups/{Name}': onGroup('DeleteScheduleGroup'),
    'GET /schedule-groups': () => [{ action: 'scheduler:ListScheduleGroups', resource: `${arn}:schedule-group/*` }],
  };
};

/** @throws AwsError ValidationException for a role that does not trust Scheduler */
export const requireScheduleRole = (access: AccessControl, arn: string): void => {
  const message = 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.';
  requireTrust(access, {
    arn,
    service: 'scheduler.amazonaws.com',
    refusal: new AwsError('ValidationException', message),
  });
};

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html */
const passRole = ({ Target }: Input): readonly Need[] => {
  const roleArn = typeof Target === 'object' && Target !== null ? textOf(Target as Input, 'RoleArn') : '';
  if (roleArn === '') return [];
  return [
    { action: 'iam:PassRole', resource: roleArn, conditions: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
  ];
};
