import { createHash } from 'node:crypto';
import { AwsError, type DocumentTable, type ServiceContext } from '../contracts.ts';

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly scheme: 'internal' | 'internet-facing';
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly createdAtMs: number;
}

export interface HealthCheck {
  readonly path: string;
  readonly timeoutSeconds: number;
  readonly intervalSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** HTTP statuses of a healthy target, as `200` or `200-299`, with commas between. */
  readonly matcher: string;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly port: number;
  readonly vpcId: string | undefined;
  readonly healthCheck: HealthCheck;
  /** How long a target that is taken out still answers what it was asked. */
  readonly deregistrationDelaySeconds: number;
}

export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly defaultAction: Action;
}

export interface WeightedGroup {
  readonly targetGroupArn: string;
  /** 0 to 999. */
  readonly weight: number;
}

export type Action =
  | { readonly type: 'forward'; readonly groups: readonly WeightedGroup[] }
  | {
      readonly type: 'fixed-response';
      readonly statusCode: string;
      readonly contentType: string | undefined;
      readonly messageBody: string | undefined;
    };

export interface Rule {
  readonly arn: string;
  readonly listenerArn: string;
  /** 1 to 50,000; the lowest that matches decides. */
  readonly priority: number;
  /** Any of them matches; `*` and `?` as in shells. */
  readonly pathPatterns: readonly string[];
  readonly action: Action;
}

export interface Target {
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** AWS's reason for a state other than healthy. */
  readonly reason?: string;
}

export interface LoadBalancingTables {
  readonly loadBalancers: DocumentTable<LoadBalancer>;
  readonly targetGroups: DocumentTable<TargetGroup>;
  readonly listeners: DocumentTable<Listener>;
  readonly rules: DocumentTable<Rule>;
  readonly targets: DocumentTable<Target>;
}

export const openLoadBalancingTables = ({ store }: Pick<ServiceContext, 'store'>): LoadBalancingTables => ({
  loadBalancers: store.table('elbv2.load-balancers'),
  targetGroups: store.table('elbv2.target-groups'),
  listeners: store.table('elbv2.listeners'),
  rules: store.table('elbv2.rules'),
  targets: store.table('elbv2.targets'),
});

export const targetKey = (targetGroupArn: string, id: string, port: number): string =>
  `${targetGroupArn}|${id}:${port}`;

export const targetsOf = ({ targets }: LoadBalancingTables, targetGroupArn: string): readonly Target[] =>
  targets.entries(`${targetGroupArn}|`).map(([, target]) => target);

/** The last part of an ARN, always the same for what is named so. */
export const arnSuffix = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 16);

const NOT_FOUND = {
  loadBalancers: ['LoadBalancerNotFound', 'One or more load balancers not found'],
  targetGroups: ['TargetGroupNotFound', 'One or more target groups not found'],
  listeners: ['ListenerNotFound', 'One or more listeners not found'],
  rules: ['RuleNotFound', 'One or more rules not found'],
} as const;

/** @throws AwsError in AWS's words, with the ARN */
export const requireKnown = <K extends keyof typeof NOT_FOUND>(
  tables: LoadBalancingTables,
  kind: K,
  arn: string,
): NonNullable<ReturnType<LoadBalancingTables[K]['get']>> => {
  const found = tables[kind].get(arn);
  if (found !== undefined) return found as NonNullable<ReturnType<LoadBalancingTables[K]['get']>>;
  const [code, message] = NOT_FOUND[kind];
  throw new AwsError(code, `${message}: ${arn}`);
};

/** The name in an ARN as CloudWatch's dimensions write it: `app/<name>/<id>`, `targetgroup/<name>/<id>`. */
export const dimensionOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1).replace(/^loadbalancer\//, '');
