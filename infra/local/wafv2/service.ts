import { createHash } from 'node:crypto';
import type {
  LocalService,
  ProvisionedResource,
  ResourceContext,
  ResourceProvider,
  ServiceContext,
} from '../contracts.ts';
import { readProperties } from '../protocols/fields.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { shortenName } from '../protocols/shorten-name.ts';
import { readWebAcl } from './read-web-acl.ts';
import type { AssociationRecord, RuleRecord, Statement, WebAclRecord } from './records.ts';
import { createRequestRates } from './request-rates.ts';

/** Whether a resource's web ACL lets a request through. */
export type Filter = (resourceArn: string, sourceIp: string) => 'allowed' | 'blocked';

export interface FirewallService extends LocalService {
  readonly filter: Filter;
}

const LONGEST_NAME = 128;

/**
 * AWS WAF before API Gateway's stages: rules by rate of an address and by country. Every caller is at a loopback address,
 * which is in no country: a list of allowed countries blocks everybody, one of blocked countries nobody. Bot control is
 * kept and does nothing. The API is not served: the template owns what it would change.
 */
export const createFirewallService = (context: ServiceContext): FirewallService => {
  const { partition, region, accountId, clock, ports } = context;
  const webAcls = context.store.table<WebAclRecord>('wafv2-web-acls');
  const associations = context.store.table<AssociationRecord>('wafv2-associations');
  const rates = createRequestRates(clock);

  const putMetric = (webAcl: WebAclRecord, rule: string, name: string): void => {
    if (webAcl.metricName === undefined) return;
    const dimensions = { WebACL: webAcl.metricName, Region: region, Rule: rule };
    ports.putMetric({ namespace: 'AWS/WAFV2', name, dimensions, value: 1, unit: 'Count' });
  };

  const matches = (statement: Statement, name: string): boolean => {
    if (statement.kind === 'not') return !matches(statement.statement, name);
    return statement.kind === 'rate' && rates.count(name, statement.windowMs) > statement.limit;
  };

  /** The first rule that matches and ends the matter. */
  const decidingRule = (webAcl: WebAclRecord, sourceIp: string): RuleRecord | undefined => {
    for (const rule of webAcl.rules) {
      if (!matches(rule.statement, `${webAcl.arn} ${rule.name} ${sourceIp}`)) continue;
      if (rule.action !== 'count') return rule;
      putMetric(webAcl, rule.metricName ?? rule.name, 'CountedRequests');
    }
    return undefined;
  };

  const filter: Filter = (resourceArn, sourceIp) => {
    const webAcl = webAcls.get(associations.get(resourceArn)?.webAclArn ?? '');
    if (webAcl === undefined) return 'allowed';
    const rule = decidingRule(webAcl, sourceIp);
    const outcome = (rule?.action ?? webAcl.defaultAction) === 'block' ? 'blocked' : 'allowed';
    const name = outcome === 'blocked' ? 'BlockedRequests' : 'AllowedRequests';
    putMetric(webAcl, rule?.metricName ?? 'Default_Action', name);
    putMetric(webAcl, 'ALL', name);
    return outcome;
  };

  const webAcl = (): ResourceProvider => {
    const put = async (resource: ResourceContext): Promise<ProvisionedResource> => {
      const id = createHash('sha256').update(resource.generatedName).digest('hex').slice(0, 32);
      const record = readProperties(resource, (fields) => {
        const name = fields.text('Name') ?? shortenName(resource.generatedName, LONGEST_NAME);
        const arn = `arn:${partition}:wafv2:${region}:${accountId}:regional/webacl/${name}/${id}`;
        return readWebAcl(fields, { name, arn });
      });
      webAcls.put(record.arn, record);
      return { physicalId: `${record.name}|${id}|REGIONAL`, attributes: { Arn: record.arn, Id: id } };
    };
    return {
      create: put,
      update: put,
      delete: async ({ physicalId }) => {
        const [name, id] = physicalId.split('|');
        webAcls.delete(`arn:${partition}:wafv2:${region}:${accountId}:regional/webacl/${name}/${id}`);
      },
    };
  };

  const association = (): ResourceProvider => {
    const put = async (resource: ResourceContext): Promise<ProvisionedResource> => {
      const { resourceArn, webAclArn } = readProperties(resource, (fields) => {
        const arn = fields.requiredText('ResourceArn');
        if (!/:apigateway:[^:]*::\/restapis\/[^/]+\/stages\/[^/]+$/.test(arn)) {
          throw fields.refuse('ResourceArn', `must be a stage of a REST API here, got ${arn}`);
        }
        return { resourceArn: arn, webAclArn: fields.requiredText('WebACLArn') };
      });
      associations.put(resourceArn, { webAclArn });
      return { physicalId: `${webAclArn}|${resourceArn}`, attributes: {} };
    };
    return {
      create: put,
      update: put,
      delete: async ({ physicalId }) => associations.delete(physicalId.slice(physicalId.indexOf('|') + 1)),
    };
  };

  return {
    signingName: 'wafv2',
    handle: createJsonHandler({ targetPrefix: 'AWSWAF_20190729', version: '1.1', operations: {} }),
    filter,
    resources: { 'AWS::WAFv2::WebACL': webAcl(), 'AWS::WAFv2::WebACLAssociation': association() },
  };
};
