import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import { parseSchedule, type Schedule } from './schedule-expression.ts';

/** A schedule as it is stored, and the one place that decides what a schedule may say. */

export interface StoredSchedule {
  readonly name: string;
  readonly groupName: string;
  readonly arn: string;
  readonly description?: string | undefined;
  readonly scheduleExpression: string;
  readonly timeZone: string;
  readonly startDateMs?: number | undefined;
  readonly endDateMs?: number | undefined;
  readonly state: 'ENABLED' | 'DISABLED';
  /** 0 is a window of mode OFF. */
  readonly flexibleMinutes: number;
  readonly actionAfterCompletion: 'NONE' | 'DELETE';
  readonly kmsKeyArn?: string | undefined;
  /** Of the request that made it. */
  readonly clientToken?: string;
  readonly target: ScheduleTarget;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  /** The schedule's own instant of the last firing, not that of the invocation in a flexible window. */
  readonly lastFireAtMs?: number | undefined;
}

interface ScheduleTarget {
  readonly arn: string;
  readonly roleArn: string;
  readonly input?: string | undefined;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn?: string | undefined;
  /** Of an EventBridge target: the input is then the event's detail. */
  readonly eventBridge?: { readonly detailType: string; readonly source: string } | undefined;
}

export interface ScheduleGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
}

export type ScheduleSettings = Omit<
  StoredSchedule,
  'name' | 'groupName' | 'arn' | 'createdAtMs' | 'modifiedAtMs' | 'lastFireAtMs'
>;

export const DEFAULT_GROUP = 'default';
const NAME = /^[0-9a-zA-Z\-_.]{1,64}$/;

export const checkName = (what: string, name: string): string => {
  if (NAME.test(name)) return name;
  throw new AwsError('ValidationException', `${what} must match ${NAME}, got ${name}`);
};

export const groupArn = (context: ServiceContext, group: string): string =>
  `arn:aws:scheduler:${context.region}:${context.accountId}:schedule-group/${group}`;
export const scheduleArn = (context: ServiceContext, group: string, name: string): string =>
  `arn:aws:scheduler:${context.region}:${context.accountId}:schedule/${group}/${name}`;
export const scheduleKey = (group: string, name: string): string => `${group}/${name}`;

const readTarget = (fields: Fields): ScheduleTarget => {
  const retry = fields.object('RetryPolicy', (policy) => ({
    attempts: policy.integer('MaximumRetryAttempts', { min: 0, max: 185 }),
    seconds: policy.integer('MaximumEventAgeInSeconds', { min: 60, max: 86_400 }),
  }));
  return {
    arn: fields.requiredText('Arn'),
    roleArn: fields.requiredText('RoleArn'),
    input: fields.text('Input'),
    maximumRetryAttempts: retry?.attempts ?? 185,
    maximumEventAgeSeconds: retry?.seconds ?? 86_400,
    deadLetterArn: fields.object('DeadLetterConfig', (config) => config.text('Arn')),
    eventBridge: fields.object('EventBridgeParameters', (parameters) => ({
      detailType: parameters.requiredText('DetailType'),
      source: parameters.requiredText('Source'),
    })),
  };
};

const readFlexibleMinutes = (fields: Fields): number => {
  const mode = fields.choice('Mode', ['OFF', 'FLEXIBLE']);
  const minutes = fields.integer('MaximumWindowInMinutes', { min: 1, max: 1440 });
  if (mode === undefined) throw fields.refuse('Mode', 'is required');
  if (mode === 'FLEXIBLE' && minutes === undefined) {
    throw fields.refuse('MaximumWindowInMinutes', 'is required with FLEXIBLE');
  }
  if (mode === 'OFF' && minutes !== undefined) throw fields.refuse('MaximumWindowInMinutes', 'must be absent with OFF');
  return minutes ?? 0;
};

/** Reads the settings shared by the API and the template; what it answers judges them. That throws ValidationException. */
export const readScheduleSettings = (fields: Fields): (() => ScheduleSettings) => {
  const flexibleMinutes = fields.object('FlexibleTimeWindow', readFlexibleMinutes);
  const target = fields.object('Target', readTarget);
  const settings = {
    description: fields.text('Description'),
    scheduleExpression: fields.requiredText('ScheduleExpression'),
    timeZone: fields.text('ScheduleExpressionTimezone') ?? 'UTC',
    startDateMs: fields.instant('StartDate'),
    endDateMs: fields.instant('EndDate'),
    state: fields.choice('State', ['ENABLED', 'DISABLED']) ?? 'ENABLED',
    actionAfterCompletion: fields.choice('ActionAfterCompletion', ['NONE', 'DELETE']) ?? 'NONE',
    kmsKeyArn: fields.text('KmsKeyArn'),
  } as const;
  return () => {
    if (flexibleMinutes === undefined) throw fields.refuse('FlexibleTimeWindow', 'is required');
    if (target === undefined) throw fields.refuse('Target', 'is required');
    parseSchedule({ expression: settings.scheduleExpression, timeZoneName: settings.timeZone, rateStartMs: 0 });
    return { ...settings, flexibleMinutes, target };
  };
};

const parse = (stored: StoredSchedule): Schedule =>
  parseSchedule({
    expression: stored.scheduleExpression,
    timeZoneName: stored.timeZone,
    rateStartMs: stored.startDateMs ?? stored.createdAtMs,
  });

/** The next firing after `afterMs` within the start and end dates; undefined when there will be none. */
export const nextFireAfter = (stored: StoredSchedule, afterMs: number): number | undefined => {
  const schedule = parse(stored);
  // Start and end bound recurring schedules only; a firing at the very start counts.
  if (schedule.kind === 'at') return schedule.nextAfter(afterMs);
  const fromMs = stored.startDateMs === undefined ? afterMs : Math.max(afterMs, stored.startDateMs - 1);
  const nextMs = schedule.nextAfter(fromMs);
  return nextMs !== undefined && nextMs <= (stored.endDateMs ?? Number.POSITIVE_INFINITY) ? nextMs : undefined;
};
