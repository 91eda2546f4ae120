import type { CloudIdentity, ProvisionedResource, ResourceContext, ResourceProvider } from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import { putResource } from '../protocols/put-resource.ts';
import { dnsNameOf } from './describe.ts';
import type { LoadBalancingBook } from './load-balancing-book.ts';
import {
  readActions,
  readConditions,
  readListener,
  readLoadBalancer,
  readLoadBalancerAttributes,
  readTargetGroup,
  readTargetGroupAttributes,
} from './read-settings.ts';
import { arnSuffix, dimensionOf } from './records.ts';

const MAX_NAME = 32;

/** A name like CloudFormation's where the template gives none: what fits, and something that tells it apart. */
const shortName = ({ generatedName, logicalId }: ResourceContext): string =>
  `${logicalId.slice(0, MAX_NAME - 9).replaceAll(/[^A-Za-z0-9]/g, '')}-${arnSuffix(generatedName).slice(0, 8)}`;

const required = <T>(fields: Fields, name: string, value: T | undefined): T => {
  if (value === undefined) throw fields.refuse(name, 'is required');
  return value;
};

const readRule = (context: ResourceContext) =>
  readProperties(context, (fields) => ({
    listenerArn: fields.requiredText('ListenerArn'),
    priority: required(fields, 'Priority', fields.integer('Priority', { min: 1, max: 50_000 })),
    pathPatterns: required(fields, 'Conditions', readConditions(fields)),
    action: required(fields, 'Actions', readActions(fields, 'Actions')),
  }));

const listenerRule = ({ tables, putRule }: LoadBalancingBook): ResourceProvider => {
  const provisioned = (arn: string): ProvisionedResource => ({
    physicalId: arn,
    attributes: { RuleArn: arn, IsDefault: false },
  });
  return {
    create: async (context) => {
      const rule = readRule(context);
      const standing = tables.rules
        .entries()
        .map(([, one]) => one)
        .find(({ listenerArn, priority }) => listenerArn === rule.listenerArn && priority === rule.priority);
      // A start after a kill creates again, and leaves the weights that a rollout set as they are.
      return provisioned(standing?.arn ?? putRule(rule).arn);
    },
    update: async (context) => provisioned(putRule({ ...readRule(context), arn: context.physicalId }).arn),
    delete: async ({ physicalId }) => tables.rules.delete(physicalId),
  };
};

/** The CloudFormation types of load balancing. `Ref` is the ARN. */
export const loadBalancingResources = (
  book: LoadBalancingBook,
  identity: CloudIdentity,
): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::ElasticLoadBalancingV2::LoadBalancer': putResource(
    (context) => {
      const { name, ...given } = readProperties(context, (fields) => {
        fields.accept('Tags');
        readLoadBalancerAttributes(fields);
        return readLoadBalancer(fields);
      });
      const loadBalancer = book.putLoadBalancer({ ...given, name: name ?? shortName(context) });
      const attributes = {
        LoadBalancerArn: loadBalancer.arn,
        LoadBalancerName: loadBalancer.name,
        LoadBalancerFullName: dimensionOf(loadBalancer.arn),
        DNSName: dnsNameOf(loadBalancer, identity),
        CanonicalHostedZoneID: 'Z35SXDOTRQ7X7K',
        SecurityGroups: loadBalancer.securityGroups,
      };
      return { physicalId: loadBalancer.arn, attributes };
    },
    (arn) => book.tables.loadBalancers.delete(arn),
  ),
  'AWS::ElasticLoadBalancingV2::TargetGroup': putResource(
    (context) => {
      const { name, ...given } = readProperties(context, (fields) => {
        fields.accept('Tags');
        const deregistrationDelaySeconds = readTargetGroupAttributes(fields, 'TargetGroupAttributes');
        return { ...readTargetGroup(fields), deregistrationDelaySeconds };
      });
      const { arn, name: written } = book.putTargetGroup({ ...given, name: name ?? shortName(context) });
      const fullName = dimensionOf(arn);
      return {
        physicalId: arn,
        attributes: {
          TargetGroupArn: arn,
          TargetGroupName: written,
          TargetGroupFullName: fullName,
          LoadBalancerArns: [],
        },
      };
    },
    (arn) => book.tables.targetGroups.delete(arn),
  ),
  'AWS::ElasticLoadBalancingV2::Listener': putResource((context) => {
    const { defaultAction, ...given } = readProperties(context, (fields) => {
      const read = readListener(fields);
      return { ...read, defaultAction: required(fields, 'DefaultActions', read.defaultAction) };
    });
    const { arn } = book.putListener({ ...given, defaultAction });
    return { physicalId: arn, attributes: { ListenerArn: arn } };
  }, book.deleteListener),
  'AWS::ElasticLoadBalancingV2::ListenerRule': listenerRule(book),
});
