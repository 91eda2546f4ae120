import type { Fields } from '../protocols/fields.ts';
import type { Action, HealthCheck, WeightedGroup } from './records.ts';

/** What requests and templates say alike. Readers only read: whether a group exists is asked by who calls them. */

const MAX_WEIGHT = 999;
const DEFAULT_DELAY_SECONDS = 300;
const NO_NETWORK = 'targets run on this machine, which has one network';

export const readLoadBalancer = (fields: Fields) => {
  fields.choice('Type', ['application']);
  fields.choice('IpAddressType', ['ipv4']);
  return {
    name: fields.text('Name'),
    scheme: fields.choice('Scheme', ['internal', 'internet-facing']) ?? ('internet-facing' as const),
    subnets: fields.texts('Subnets') ?? [],
    securityGroups: fields.texts('SecurityGroups') ?? [],
  };
};

const MATCHER = /^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/;

const readHealthCheck = (fields: Fields): HealthCheck => {
  fields.choice('HealthCheckProtocol', ['HTTP']);
  fields.choice('HealthCheckPort', ['traffic-port']);
  if (fields.flag('HealthCheckEnabled') === false) throw fields.refuse('HealthCheckEnabled', 'must be true here');
  const matcher = fields.object('Matcher', (one) => {
    const codes = one.text('HttpCode');
    if (codes !== undefined && !MATCHER.test(codes)) throw one.refuse('HttpCode', `must be statuses, got ${codes}`);
    return codes;
  });
  return {
    path: fields.text('HealthCheckPath') ?? '/',
    timeoutSeconds: fields.integer('HealthCheckTimeoutSeconds', { min: 2, max: 120 }) ?? 5,
    intervalSeconds: fields.integer('HealthCheckIntervalSeconds', { min: 5, max: 300 }) ?? 30,
    healthyThreshold: fields.integer('HealthyThresholdCount', { min: 2, max: 10 }) ?? 5,
    unhealthyThreshold: fields.integer('UnhealthyThresholdCount', { min: 2, max: 10 }) ?? 2,
    matcher: matcher ?? '200',
  };
};

export const readTargetGroup = (fields: Fields) => {
  fields.choice('Protocol', ['HTTP']);
  fields.choice('ProtocolVersion', ['HTTP1']);
  fields.choice('TargetType', ['ip']);
  return {
    name: fields.text('Name'),
    port: fields.integer('Port', { min: 1, max: 65_535 }) ?? 80,
    vpcId: fields.text('VpcId'),
    healthCheck: readHealthCheck(fields),
  };
};

const FIXED_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  'stickiness.enabled': ['false'],
  'load_balancing.algorithm.type': ['round_robin'],
};

/** Of a target group. @returns its deregistration delay in seconds */
export const readTargetGroupAttributes = (fields: Fields, member: string): number => {
  const attributes = new Map(
    fields.list(member, (one) => [one.requiredText('Key'), one.text('Value') ?? ''] as const) ?? [],
  );
  for (const [key, value] of attributes) {
    if (key === 'deregistration_delay.timeout_seconds') continue;
    if (FIXED_ATTRIBUTES[key]?.includes(value) !== true)
      throw fields.refuse(member, `${key}=${value} is not supported here`);
  }
  const given = Number(attributes.get('deregistration_delay.timeout_seconds') ?? DEFAULT_DELAY_SECONDS);
  if (Number.isInteger(given) && given >= 0 && given <= 3_600) return given;
  throw fields.refuse(member, `deregistration_delay.timeout_seconds must be in [0, 3600], got ${given}`);
};

/** Attributes of a load balancer that a program can see nothing of here. */
const UNSEEN_ATTRIBUTES = [
  'access_logs.s3.enabled',
  'deletion_protection.enabled',
  'idle_timeout.timeout_seconds',
  'routing.http.drop_invalid_header_fields.enabled',
];

/** @throws AwsError for an attribute that would change something */
export const readLoadBalancerAttributes = (fields: Fields): void => {
  for (const { key, value } of fields.list('LoadBalancerAttributes', (one) => ({
    key: one.requiredText('Key'),
    value: one.text('Value'),
  })) ?? []) {
    const unseen = UNSEEN_ATTRIBUTES.includes(key) && !(key.startsWith('access_logs') && value === 'true');
    if (!unseen) throw fields.refuse('LoadBalancerAttributes', `${key}=${value} is not supported here`);
  }
};

const readWeights = (fields: Fields): readonly WeightedGroup[] =>
  fields.list('TargetGroups', (one) => ({
    targetGroupArn: one.requiredText('TargetGroupArn'),
    weight: one.integer('Weight', { min: 0, max: MAX_WEIGHT }) ?? 1,
  })) ?? [];

const readAction = (fields: Fields): Action => {
  fields.integer('Order', { min: 1, max: 1 });
  const type = fields.choice('Type', ['forward', 'fixed-response']);
  const single = fields.text('TargetGroupArn');
  const weighted = fields.object('ForwardConfig', (forward) => {
    forward.object('TargetGroupStickinessConfig', (stickiness) => {
      if (stickiness.flag('Enabled') === true) throw stickiness.refuse('Enabled', 'must be false here');
    });
    return readWeights(forward);
  });
  const fixed = fields.object('FixedResponseConfig', (one) => ({
    statusCode: one.requiredText('StatusCode'),
    contentType: one.text('ContentType'),
    messageBody: one.text('MessageBody'),
  }));
  if (type === 'fixed-response') {
    if (fixed === undefined) throw fields.refuse('FixedResponseConfig', 'is required');
    return { type, ...fixed };
  }
  const groups = weighted ?? (single === undefined ? [] : [{ targetGroupArn: single, weight: 1 }]);
  if (groups.length === 0) throw fields.refuse('ForwardConfig', 'must name a target group');
  return { type: 'forward', groups };
};

/** The one action that a rule or a listener has here: authentication and redirects are refused by their names. */
export const readActions = (fields: Fields, member: string): Action | undefined => {
  const actions = fields.list(member, readAction);
  if (actions === undefined) return undefined;
  const [action] = actions;
  if (action === undefined || actions.length > 1) throw fields.refuse(member, 'must hold one action here');
  return action;
};

export const readConditions = (fields: Fields): readonly string[] | undefined =>
  fields
    .list('Conditions', (one) => {
      one.choice('Field', ['path-pattern']);
      const configured = one.object('PathPatternConfig', (config) => config.texts('Values') ?? []);
      return configured ?? one.texts('Values') ?? [];
    })
    ?.flat();

export const readListener = (fields: Fields) => {
  fields.choice('Protocol', ['HTTP']);
  return {
    loadBalancerArn: fields.requiredText('LoadBalancerArn'),
    port: fields.integer('Port', { min: 1, max: 65_535 }) ?? 80,
    defaultAction: readActions(fields, 'DefaultActions'),
  };
};

export const readTargets = (fields: Fields): readonly { readonly id: string; readonly port: number | undefined }[] =>
  fields.list('Targets', (one) => {
    one.ignore(NO_NETWORK, 'AvailabilityZone');
    return { id: one.requiredText('Id'), port: one.integer('Port', { min: 1, max: 65_535 }) };
  }) ?? [];
