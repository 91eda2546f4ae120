import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import { parseEventRuleSchedule } from '../scheduler/schedule-expression.ts';
import type { RetryPolicy } from './delivery-queue.ts';
import { parseEventPattern } from './event-pattern.ts';
import { checkTargetInput, type TargetInput } from './target-input.ts';

/** Rules and buses as they are stored, and the one place that decides what a rule may say. */

export interface RuleTarget extends TargetInput {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly deadLetterArn?: string | undefined;
}

export interface Rule {
  readonly name: string;
  readonly busName: string;
  readonly arn: string;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly state: 'ENABLED' | 'DISABLED';
  /** JSON text. */
  readonly eventPattern?: string | undefined;
  readonly scheduleExpression?: string | undefined;
  readonly createdAtMs: number;
  readonly lastFireAtMs?: number | undefined;
  readonly targets: readonly RuleTarget[];
}

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  readonly description?: string | undefined;
  readonly policy?: unknown;
  readonly createdAtMs: number;
}

export const DEFAULT_BUS = 'default';
export const MAX_TARGETS = 5;

export const ruleKey = (busName: string, ruleName: string): string => `${busName}|${ruleName}`;

/** A bus's name from its name or its ARN. */
export const busNameOf = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? (nameOrArn.split('/').at(-1) ?? nameOrArn) : nameOrArn;

export const busArn = (context: ServiceContext, name: string): string =>
  `arn:aws:events:${context.region}:${context.accountId}:event-bus/${name}`;

export const ruleArn = (context: ServiceContext, busName: string, name: string): string =>
  `arn:aws:events:${context.region}:${context.accountId}:rule/${busName === DEFAULT_BUS ? '' : `${busName}/`}${name}`;

export const readTarget = (fields: Fields): RuleTarget => {
  const target: RuleTarget = {
    id: fields.requiredText('Id'),
    arn: fields.requiredText('Arn'),
    roleArn: fields.text('RoleArn'),
    input: fields.text('Input'),
    inputPath: fields.text('InputPath'),
    inputTransformer: fields.object('InputTransformer', (transformer) => ({
      inputPathsMap: transformer.textMap('InputPathsMap') ?? {},
      inputTemplate: transformer.requiredText('InputTemplate'),
    })),
    retryPolicy: fields.object('RetryPolicy', (policy) => ({
      maximumRetryAttempts: policy.integer('MaximumRetryAttempts', { min: 0, max: 185 }),
      maximumEventAgeSeconds: policy.integer('MaximumEventAgeInSeconds', { min: 60, max: 86_400 }),
    })),
    deadLetterArn: fields.object('DeadLetterConfig', (config) => config.text('Arn')),
  };
  checkTargetInput(target);
  if (target.input !== undefined) parseJson(target.input, `Input of target ${target.id}`);
  return target;
};

const parseJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('ValidationException', `${what} must be JSON, got ${text.slice(0, 100)}`);
  }
};

export interface RuleSettings {
  readonly eventPattern?: string | undefined;
  readonly scheduleExpression?: string | undefined;
  readonly busName: string;
}

/** @throws AwsError ValidationException, InvalidEventPatternException */
export const checkRule = ({ eventPattern, scheduleExpression, busName }: RuleSettings): void => {
  if (eventPattern === undefined && scheduleExpression === undefined) {
    throw new AwsError('ValidationException', 'a rule must have an EventPattern or a ScheduleExpression');
  }
  if (eventPattern !== undefined) parseEventPattern(eventPattern);
  if (scheduleExpression === undefined) return;
  if (busName !== DEFAULT_BUS) {
    throw new AwsError('ValidationException', 'ScheduleExpression is supported only on the default event bus.');
  }
  parseEventRuleSchedule(scheduleExpression);
};
