import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFirewallService, type FirewallService } from '../../../../../infra/local/wafv2/service.ts';
import { MINUTE_MS } from '../../../../../shared/kernel/time.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';
import { startRestApi } from '../../../../helpers/rest-api.ts';

let local: StartedService;
let service: FirewallService;
beforeEach(async () => {
  local = await startLocalService((context) => {
    service = createFirewallService(context);
    return service;
  });
});
afterEach(() => local.stop());

const STAGE = 'arn:aws:apigateway:us-east-1::/restapis/api1/stages/v1';
const VISIBILITY = { CloudWatchMetricsEnabled: true, SampledRequestsEnabled: false, MetricName: 'predict' };

const provision = async (type: string, properties: object) => {
  const resource = { stackName: 'S', logicalId: type, properties: { ...properties }, generatedName: `S-${type}-X` };
  return service.resources[`AWS::WAFv2::${type}`]?.create(resource);
};
const aclOf = (Rules: readonly object[], more: object = {}) => ({
  Scope: 'REGIONAL',
  DefaultAction: { Allow: {} },
  Rules,
  VisibilityConfig: VISIBILITY,
  ...more,
});
const rule = (Statement: object, more: object = { Action: { Block: {} } }) => ({
  Name: 'one',
  Priority: 0,
  Statement,
  VisibilityConfig: { ...VISIBILITY, MetricName: 'one' },
  ...more,
});
const protect = async (rules: readonly object[], more: object = {}) => {
  const acl = await provision('WebACL', aclOf(rules, more));
  await provision('WebACLAssociation', { ResourceArn: STAGE, WebACLArn: acl?.attributes.Arn });
};
const ask = (sourceIp = '127.0.0.1') => service.filter(STAGE, sourceIp);
const times = (count: number) => Array.from({ length: count }, () => ask());

const RATE = { RateBasedStatement: { Limit: 10, AggregateKeyType: 'IP', EvaluationWindowSec: 300 } };
const GEO = { GeoMatchStatement: { CountryCodes: ['CH'] } };

describe('a web ACL', () => {
  it('blocks an address beyond its rate, and no other, until it sends fewer', async () => {
    await protect([rule(RATE)]);

    expect(times(11)).toEqual([...Array.from({ length: 10 }, () => 'allowed'), 'blocked']);
    expect(ask('127.0.0.2')).toBe('allowed');
    await local.clock.advanceBy(4 * MINUTE_MS);
    expect(ask()).toBe('blocked');
    await local.clock.advanceBy(4 * MINUTE_MS);
    expect(ask()).toBe('allowed');
  });

  it('finds no country at a loopback address: an allow list blocks it, a block list does not', async () => {
    await protect([rule({ NotStatement: { Statement: GEO } })]);
    expect(ask()).toBe('blocked');

    await protect([rule(GEO)]);
    expect(ask()).toBe('allowed');
  });

  it('tells no bots', async () => {
    const group = { VendorName: 'AWS', Name: 'AWSManagedRulesBotControlRuleSet' };
    await protect([rule({ ManagedRuleGroupStatement: group }, { OverrideAction: { None: {} } })]);

    expect(ask()).toBe('allowed');
  });

  it('ends at the first rule by priority that decides, counts by the others, and else does its default', async () => {
    const counting = rule({ NotStatement: { Statement: GEO } }, { Name: 'counted', Action: { Count: {} } });
    const allowing = rule(
      { NotStatement: { Statement: GEO } },
      { Name: 'allowed', Priority: 1, Action: { Allow: {} } },
    );
    await protect([allowing, counting], { DefaultAction: { Block: {} } });
    expect(ask()).toBe('allowed');
    expect(local.recorded.metrics.map(({ name, dimensions }) => [name, dimensions.Rule])).toEqual([
      ['CountedRequests', 'one'],
      ['AllowedRequests', 'one'],
      ['AllowedRequests', 'ALL'],
    ]);

    await protect([], { DefaultAction: { Block: {} } });
    expect(ask()).toBe('blocked');
  });

  it('protects the stage that it is associated with, for as long', async () => {
    await protect([], { DefaultAction: { Block: {} } });
    const physicalId = `x|${STAGE}`;

    expect(service.filter('arn:aws:apigateway:us-east-1::/restapis/api2/stages/v1', '127.0.0.1')).toBe('allowed');
    const association = { stackName: 'S', logicalId: 'A', generatedName: 'S-A-X', properties: {}, physicalId };
    await service.resources['AWS::WAFv2::WebACLAssociation']?.delete(association);
    expect(ask()).toBe('allowed');
  });

  it.each([
    [[rule({ ByteMatchStatement: {} })], 'ManagedRuleGroupStatement is required here, and one alone'],
    [[rule({ ...RATE, ...GEO })], 'is required here, and one alone'],
    [[rule({ RateBasedStatement: { Limit: 9, AggregateKeyType: 'IP' } })], 'Limit must be an integer from 10'],
    [[rule({ RateBasedStatement: { Limit: 10, AggregateKeyType: 'FORWARDED_IP' } })], 'AggregateKeyType must be one'],
    [[rule({ ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'Other' } })], 'must be AWSManagedRulesBotControl'],
    [[rule(GEO, { Action: { Captcha: {} } })], 'Captcha'],
  ])('is refused for what is not shown here (%#)', async (rules, message) => {
    await expect(provision('WebACL', aclOf(rules))).rejects.toThrow(message);
  });
});

it('a request that is blocked gets 403 before its signature or key is looked at', async () => {
  const asked: string[] = [];
  const api = await startRestApi(() => ({ statusCode: 200 }), {
    filter: (resourceArn, sourceIp) => {
      asked.push(`${resourceArn} ${sourceIp}`);
      return asked.length > 1 ? 'blocked' : 'allowed';
    },
  });
  try {
    const [first, second] = [await fetch(`${api.baseUrl}/x`), await fetch(`${api.baseUrl}/nowhere`)];

    expect([first.status, second.status, await second.json()]).toEqual([200, 403, { message: 'Forbidden' }]);
    expect(asked[0]).toBe(`arn:aws:apigateway:us-east-1::/restapis/${api.apiId}/stages/v1 127.0.0.1`);
  } finally {
    await api.stop();
  }
});
