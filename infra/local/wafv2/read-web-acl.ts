import { SECOND_MS } from '../../../shared/kernel/time.ts';
import type { Fields } from '../protocols/fields.ts';
import type { RuleRecord, Statement, WebAclRecord } from './records.ts';

/** A web ACL's properties. Statements without behaviour here are refused by name. */

const BOT_CONTROL = 'AWSManagedRulesBotControlRuleSet';
const WINDOWS_SECONDS = [60, 120, 300, 600] as const;

const readRate = (fields: Fields): Statement => {
  if (fields.choice('AggregateKeyType', ['IP']) === undefined) throw fields.refuse('AggregateKeyType', 'is required');
  const limit = fields.integer('Limit', { min: 10, max: 2_000_000_000 });
  if (limit === undefined) throw fields.refuse('Limit', 'is required');
  const seconds = fields.number('EvaluationWindowSec') ?? 300;
  if (!WINDOWS_SECONDS.some((one) => one === seconds)) {
    throw fields.refuse('EvaluationWindowSec', `must be one of ${WINDOWS_SECONDS.join(', ')}, got ${seconds}`);
  }
  return { kind: 'rate', limit, windowMs: seconds * SECOND_MS };
};

const readManaged = (fields: Fields): Statement => {
  const name = fields.requiredText('Name');
  if (fields.requiredText('VendorName') !== 'AWS' || name !== BOT_CONTROL) {
    throw fields.refuse('Name', `must be ${BOT_CONTROL} of AWS here, got ${name}`);
  }
  fields.accept('ManagedRuleGroupConfigs', 'RuleActionOverrides');
  return { kind: 'bots' };
};

const readStatement = (fields: Fields): Statement => {
  const [found, ...more] = [
    fields.object('GeoMatchStatement', (geo): Statement => {
      const codes = geo.texts('CountryCodes') ?? [];
      if (codes.length === 0) throw geo.refuse('CountryCodes', 'is required');
      return { kind: 'countries', codes };
    }),
    fields.object('NotStatement', (not): Statement => {
      const statement = not.object('Statement', readStatement);
      if (statement === undefined) throw not.refuse('Statement', 'is required');
      return { kind: 'not', statement };
    }),
    fields.object('RateBasedStatement', readRate),
    fields.object('ManagedRuleGroupStatement', readManaged),
  ].filter((statement) => statement !== undefined);
  if (found !== undefined && more.length === 0) return found;
  throw fields.refuse(
    'GeoMatchStatement, NotStatement, RateBasedStatement or ManagedRuleGroupStatement',
    'is required here, and one alone',
  );
};

const nothing = (fields: Fields): true => {
  fields.accept();
  return true;
};

const readMetric = (fields: Fields): string | undefined => {
  fields.accept('SampledRequestsEnabled');
  const name = fields.requiredText('MetricName');
  return fields.flag('CloudWatchMetricsEnabled') ? name : undefined;
};

const readAction = (fields: Fields): RuleRecord['action'] | undefined => {
  if (fields.object('Block', nothing)) return 'block';
  if (fields.object('Allow', nothing)) return 'allow';
  return fields.object('Count', nothing) ? 'count' : undefined;
};

/** `None` leaves a group's rules their own actions. */
const readOverride = (fields: Fields): RuleRecord['action'] | undefined => {
  if (fields.object('Count', nothing)) return 'count';
  return fields.object('None', nothing) ? 'block' : undefined;
};

const readRule = (fields: Fields): RuleRecord => {
  const priority = fields.integer('Priority', { min: 0, max: 1_000_000 });
  const statement = fields.object('Statement', readStatement);
  if (priority === undefined || statement === undefined) throw fields.refuse('Priority and Statement', 'are required');
  const metricName = fields.object('VisibilityConfig', readMetric);
  const own = fields.object('Action', readAction);
  const override = fields.object('OverrideAction', readOverride);
  // A group of rules keeps its own actions, unless they are overridden; a rule has one.
  const action = statement.kind === 'bots' ? override : own;
  if (action === undefined) throw fields.refuse(statement.kind === 'bots' ? 'OverrideAction' : 'Action', 'is required');
  return {
    name: fields.requiredText('Name'),
    priority,
    statement,
    action,
    ...(metricName === undefined ? {} : { metricName }),
  };
};

export const readWebAcl = (
  fields: Fields,
  { name, arn }: { readonly name: string; readonly arn: string },
): WebAclRecord => {
  fields.accept('Description', 'Tags');
  if (fields.choice('Scope', ['REGIONAL']) === undefined) throw fields.refuse('Scope', 'must be REGIONAL');
  const defaultAction = fields.object('DefaultAction', readAction);
  if (defaultAction !== 'allow' && defaultAction !== 'block')
    throw fields.refuse('DefaultAction', 'must be Allow or Block');
  const metricName = fields.object('VisibilityConfig', readMetric);
  const rules = fields.list('Rules', readRule) ?? [];
  return {
    name,
    arn,
    defaultAction,
    rules: rules.toSorted((a, b) => a.priority - b.priority),
    ...(metricName === undefined ? {} : { metricName }),
  };
};
