import { METRIC_NAMESPACE } from '../../shared/contracts/metric-names.ts';
import { isScaled, readTasksLabel, TASKS_LABEL, type TaskRange } from '../../shared/contracts/service-tasks.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { firewallCost } from './firewall-cost.ts';
import prices from './prices.json' with { type: 'json' };

/** What a stage costs in a month in which nobody trains or predicts: from its templates and nothing else. */

export interface PricedTemplate {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: unknown; readonly DeletionPolicy?: string }>
  >;
}

/** What `cdk destroy` leaves of templates: the resources that they retain. */
export const afterDestroy = (templates: readonly PricedTemplate[]): readonly PricedTemplate[] =>
  templates.map(({ Resources }) => ({
    Resources: Object.fromEntries(
      Object.entries(Resources).filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain')),
    ),
  }));

export interface CostLine {
  readonly item: string;
  readonly count: number;
  readonly usdPerMonth: number;
  readonly note: string;
}

type Properties = Readonly<Record<string, unknown>>;
interface Found {
  readonly type: string;
  readonly properties: Properties;
}

/** Types that bill by use or by what is stored, and nothing while idle and empty. */
const FREE_WHILE_IDLE: ReadonlySet<string> = new Set([
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::ApiKey',
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::ApiGateway::UsagePlan',
  'AWS::ApiGateway::UsagePlanKey',
  'AWS::ApiGatewayV2::VpcLink',
  'AWS::Batch::ComputeEnvironment',
  'AWS::Batch::JobDefinition',
  'AWS::Batch::JobQueue',
  'AWS::Budgets::Budget',
  'AWS::CodeBuild::Project',
  'AWS::DynamoDB::Table',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::ECR::Repository',
  'AWS::ECS::Cluster',
  'AWS::ECS::TaskDefinition',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::ListenerRule',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KinesisFirehose::DeliveryStream',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Function',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::LogGroup',
  'AWS::Logs::LogStream',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::StepFunctions::StateMachine',
  'AWS::WAFv2::WebACLAssociation',
]);

/** Types that are free only in the form that we deploy; any other form must be priced first. */
const FREE_IF: Readonly<Record<string, (properties: Properties) => boolean>> = {
  'AWS::EC2::VPCEndpoint': ({ VpcEndpointType }) => VpcEndpointType === 'Gateway',
  'AWS::Batch::ComputeEnvironment': ({ ComputeResources }) => (ComputeResources as Properties).MinvCpus === 0,
  'AWS::DynamoDB::Table': ({ BillingMode }) => BillingMode === 'PAY_PER_REQUEST',
};

const PRICED: ReadonlySet<string> = new Set([
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ECS::Service',
  'AWS::KMS::Key',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Scheduler::Schedule',
  'AWS::WAFv2::WebACL',
]);

/**
 * Prices the idle stage.
 * @throws InvalidRequestError for a resource whose idle price is not known here.
 */
export const idleCost = (templates: readonly PricedTemplate[]): readonly CostLine[] => {
  const resources = templates.flatMap(({ Resources }) =>
    Object.values(Resources).map(
      ({ Type, Properties = {} }): Found => ({ type: Type, properties: Properties as Properties }),
    ),
  );
  for (const { type, properties } of resources) {
    const free = FREE_WHILE_IDLE.has(type) || FREE_IF[type] !== undefined;
    const asDeployed = FREE_IF[type]?.(properties) ?? true;
    if (PRICED.has(type) || (free && asDeployed)) continue;
    throw new InvalidRequestError(
      `no idle price is known for ${type} as it is deployed: add it to infra/commands/idle-cost.ts`,
    );
  }
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  const alarms = of('AWS::CloudWatch::Alarm');
  const dashboards = of('AWS::CloudWatch::Dashboard');
  const metricCount = customMetrics([...alarms, ...dashboards]).size;
  return [
    line('KMS keys', of('AWS::KMS::Key').length, prices.kmsKeyMonth, 'one key for buckets, tables and alarm messages'),
    line('alarms', alarmMetricCount(alarms), prices.alarmMetricMonth, 'each metric an alarm looks at'),
    line(
      'custom metrics',
      metricCount,
      prices.customMetricMonth,
      'at most: CloudWatch bills the hours in which one is published',
    ),
    dashboardLine(dashboards),
    ...servingLines(of('AWS::ElasticLoadBalancingV2::LoadBalancer'), taskSizes(templates)),
    ...scalingLines(of('AWS::ApplicationAutoScaling::ScalingPolicy').length),
    ...of('AWS::WAFv2::WebACL').map(({ properties }) => firewallCost(properties)),
    ...of('AWS::Scheduler::Schedule').map(scheduleLine),
  ];
};

/** What one task of each model on ECS takes, and how many run while it is in service. */
interface TaskSize {
  readonly family: string;
  readonly vcpus: number;
  readonly gigabytes: number;
  readonly tasks: TaskRange;
}

/** Of the task definitions that a deploy brings: those of a rollout are made from them. */
const taskSizes = (templates: readonly PricedTemplate[]): readonly TaskSize[] =>
  templates.flatMap(({ Resources }) =>
    Object.values(Resources).flatMap(({ Type, Properties = {} }) => {
      if (Type !== 'AWS::ECS::TaskDefinition') return [];
      const { Family, Cpu, Memory, ContainerDefinitions } = Properties as Properties;
      const [container] = ContainerDefinitions as readonly {
        readonly DockerLabels?: Readonly<Record<string, string>>;
      }[];
      const tasks = readTasksLabel(container?.DockerLabels?.[TASKS_LABEL]);
      return tasks.max === 0
        ? []
        : [{ family: String(Family), vcpus: Number(Cpu) / 1_024, gigabytes: Number(Memory) / 1_024, tasks }];
    }),
  );

/** A model on ECS costs while nobody asks it: its tasks run as long as a version is in service. */
const servingLines = (loadBalancers: readonly Found[], sizes: readonly TaskSize[]): readonly CostLine[] => [
  ...(loadBalancers.length === 0
    ? []
    : [line('load balancers', loadBalancers.length, prices.loadBalancerMonth, 'models on ECS; without its use')]),
  ...sizes.map(({ family, vcpus, gigabytes, tasks }) =>
    line(
      `tasks of ${family}`,
      tasks.min,
      vcpus * prices.fargateArmVcpuMonth + gigabytes * prices.fargateArmGigabyteMonth + prices.publicAddressMonth,
      `once a version is in service; ${isScaled(tasks) ? `up to ${tasks.max} while it is asked, ` : ''}twice as many while a canary runs`,
    ),
  ),
];

/** Target tracking makes alarms of its own: one to scale out, one to scale in. */
const scalingLines = (policyCount: number): readonly CostLine[] =>
  policyCount === 0
    ? []
    : [line('alarms of scaling policies', 2 * policyCount, prices.alarmMetricMonth, 'two a policy, made by AWS')];

export const totalUsd = (lines: readonly CostLine[]): number =>
  lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0);

const line = (item: string, count: number, price: number, note: string): CostLine => ({
  item,
  count,
  usdPerMonth: count * price,
  note,
});

const alarmMetricCount = (alarms: readonly Found[]): number =>
  alarms.reduce((sum, { properties }) => {
    const metrics = properties.Metrics as readonly { readonly MetricStat?: unknown }[] | undefined;
    return sum + (metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1);
  }, 0);

/** A metric alone, or those that an expression joins. */
const watchedMetrics = ({ Metrics, ...own }: Properties): readonly Properties[] =>
  Metrics === undefined
    ? [own]
    : (Metrics as readonly { readonly MetricStat?: { readonly Metric: Properties } }[]).flatMap(({ MetricStat }) =>
        MetricStat === undefined ? [] : [MetricStat.Metric],
      );

/** Custom metrics that alarms watch or dashboards show, each once: `<dimension values>/<name>`. */
const customMetrics = (resources: readonly Found[]): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const { properties } of resources) {
    for (const { Namespace, Dimensions, MetricName } of watchedMetrics(properties)) {
      if (Namespace !== METRIC_NAMESPACE) continue;
      const values = (Dimensions as readonly { readonly Value: unknown }[]).map(({ Value }) => String(Value));
      found.add(`${values.join('/')}/${String(MetricName)}`);
    }
    for (const [, name, value] of textOf(properties.DashboardBody).matchAll(DASHBOARD_METRIC))
      found.add(`${value}/${name}`);
  }
  return found;
};

const DASHBOARD_METRIC = new RegExp(`\\["${METRIC_NAMESPACE}","([^"]+)","[^"]+","([^"]+)"`, 'g');

/** A dashboard's body: text with references in between, which name no metric. */
const textOf = (body: unknown): string => {
  if (typeof body === 'string') return body;
  const parts =
    (body as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] } | undefined)?.['Fn::Join']?.[1] ?? [];
  return parts.map((part) => (typeof part === 'string' ? part : '?')).join('');
};

const dashboardLine = (dashboards: readonly Found[]): CostLine => {
  const small = dashboards.filter(({ properties }) => {
    const metrics = textOf(properties.DashboardBody).match(/\["(AWS\/|Millrace")/g) ?? [];
    return metrics.length <= prices.freeMetricsOnADashboard;
  });
  const billed = dashboards.length - Math.min(small.length, prices.freeDashboards);
  return {
    item: 'dashboards',
    count: dashboards.length,
    usdPerMonth: billed * prices.dashboardMonth,
    note: `an account's first ${prices.freeDashboards} of up to ${prices.freeMetricsOnADashboard} metrics are free`,
  };
};

const DAYS_IN_A_MONTH = 30.4;
const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };

/** A cron expression is counted as once a day: ours fire daily or less often. */
const firingsPerMonth = (expression: string): number => {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate === null) return DAYS_IN_A_MONTH;
  return (DAYS_IN_A_MONTH * 1_440) / (Number(rate[1]) * (MINUTES[rate[2] ?? ''] ?? 1));
};

/** What one firing is counted as, on the high side: two functions of 3 GB for ten seconds and six transitions. */
const ONE_FIRING =
  prices.schedulerInvocation +
  2 * (prices.lambdaRequest + prices.trace) +
  6 * prices.stateTransition +
  2 * 3 * 10 * prices.lambdaGigabyteSecond;
/** A schedule that fires many times a day reads a little and goes: half a GB for two seconds. */
const ONE_SHORT_FIRING =
  prices.schedulerInvocation + prices.lambdaRequest + prices.trace + 0.5 * 2 * prices.lambdaGigabyteSecond;

const scheduleLine = ({ properties }: Found): CostLine => {
  const expression = String(properties.ScheduleExpression);
  const count = firingsPerMonth(expression);
  return {
    item: `schedule ${String(properties.Name)}`,
    count: Math.round(count),
    usdPerMonth: count * (count > DAYS_IN_A_MONTH ? ONE_SHORT_FIRING : ONE_FIRING),
    note: expression,
  };
};
