import { createHash } from 'node:crypto';
import table from './replacement-properties.json' with { type: 'json' };

/**
 * Which properties name a resource, and which cannot change on one that stands. The table
 * `replacement-properties.json` is what the specification that comes with the CDK's CLI says ("Update requires:
 * Replacement"); a test compares the two.
 */

const SHORT_NAME = 24;
const SUFFIX = 12;

/** CloudFormation's own scheme, within the 64 characters that the shortest name allows; stable over restarts. */
export const generatedName = (stackName: string, logicalId: string, generation = 0): string => {
  const seed = generation === 0 ? `${stackName}/${logicalId}` : `${stackName}/${logicalId}/${generation}`;
  const digest = createHash('sha256').update(seed).digest('base64');
  const suffix = digest.replace(/[^A-Za-z0-9]/g, '').slice(0, SUFFIX);
  return `${stackName.slice(0, SHORT_NAME)}-${logicalId.slice(0, SHORT_NAME)}-${suffix}`;
};

/** Types whose names a template may choose: the properties that together are unique in an account and region. */
const NAMED_BY: Readonly<Record<string, readonly string[]>> = {
  'AWS::Batch::ComputeEnvironment': ['ComputeEnvironmentName'],
  'AWS::Batch::JobQueue': ['JobQueueName'],
  'AWS::CloudWatch::Alarm': ['AlarmName'],
  'AWS::CodeBuild::Project': ['Name'],
  'AWS::CloudWatch::CompositeAlarm': ['AlarmName'],
  'AWS::CloudWatch::Dashboard': ['DashboardName'],
  'AWS::DynamoDB::Table': ['TableName'],
  'AWS::EC2::LaunchTemplate': ['LaunchTemplateName'],
  'AWS::ECR::Repository': ['RepositoryName'],
  'AWS::ECS::Cluster': ['ClusterName'],
  'AWS::ECS::Service': ['ServiceName', 'Cluster'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['Name'],
  'AWS::ElasticLoadBalancingV2::TargetGroup': ['Name'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::Events::Rule': ['Name', 'EventBusName'],
  'AWS::IAM::InstanceProfile': ['InstanceProfileName'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName'],
  'AWS::IAM::Role': ['RoleName'],
  'AWS::KMS::Alias': ['AliasName'],
  'AWS::KinesisFirehose::DeliveryStream': ['DeliveryStreamName'],
  'AWS::Lambda::Alias': ['Name', 'FunctionName'],
  'AWS::Lambda::Function': ['FunctionName'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SNS::Topic': ['TopicName'],
  'AWS::SQS::Queue': ['QueueName'],
  'AWS::SSM::Parameter': ['Name'],
  'AWS::Scheduler::Schedule': ['Name', 'GroupName'],
  'AWS::Scheduler::ScheduleGroup': ['Name'],
  'AWS::StepFunctions::Activity': ['Name'],
  'AWS::StepFunctions::StateMachine': ['StateMachineName'],
};

type Properties = Readonly<Record<string, unknown>>;

/** The name that a template chose, with what it is unique in; undefined when the name is generated. */
export const chosenName = (type: string, properties: Properties): string | undefined => {
  const [own = '', ...others] = NAMED_BY[type] ?? [];
  const name = properties[own];
  if (typeof name !== 'string') return undefined;
  return [name, ...others.map((key) => String(properties[key] ?? 'default'))].join('|');
};

const REPLACEMENT_PROPERTIES: Readonly<Record<string, readonly string[]>> = table;

const shown = (value: unknown): string => JSON.stringify(value) ?? '';

/** The first property by whose change CloudFormation makes a new resource in place of this one. */
export const replacingProperty = (type: string, before: Properties, after: Properties): string | undefined =>
  REPLACEMENT_PROPERTIES[type]?.find((name) => shown(before[name]) !== shown(after[name]));
