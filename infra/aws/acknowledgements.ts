import { type App, type IPolicyValidationContext, type PolicyValidationPluginReport, Validations } from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, rules } from 'cdk-nag';

/** Findings of cdk-nag that stand as they are, each with the reason. What is not listed fails the synthesis. */
const ACKNOWLEDGED: readonly { readonly id: string; readonly reason: string }[] = [
  { id: 'AwsSolutions-APIG2', reason: 'Functions validate requests by the schemas that their code is typed by' },
  {
    id: 'AwsSolutions-APIG3',
    reason: 'A web application firewall bills by the month: an option of the stage, for the prediction API',
  },
  {
    id: 'AwsSolutions-COG4',
    reason: 'Callers are IAM principals, or programs with a token of the tracking API: no users log in',
  },
  { id: 'AwsSolutions-CB3', reason: 'A project that builds an image runs Docker, which needs the privilege' },
  { id: 'AwsSolutions-CB4', reason: 'The project has no artifacts: what it builds is in the repository' },
  { id: 'AwsSolutions-S1', reason: 'Object access is audited by CloudTrail data events where an account needs it' },
  { id: 'AwsSolutions-SQS3', reason: 'The queues are dead-letter queues themselves; an alarm watches each' },
  { id: 'AwsSolutions-VPC7', reason: 'The networks let nobody in: training jobs, and model servers behind the API' },
  {
    id: 'AwsSolutions-ELB2',
    reason: 'The prediction API is the only way to the load balancer, and logs every request',
  },
  {
    id: 'AwsSolutions-ECS7',
    reason: 'The one task definition without a log stands for no model in service: it never runs',
  },
  { id: 'AwsSolutions-ECS2', reason: 'The variables of containers are names of tables and buckets, no secrets' },
  {
    id: 'AwsSolutions-ECS4',
    reason: "Container Insights bills by metric; canaries and alarms read the load balancer's",
  },
  {
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    reason: 'The policy that AWS defines for this one purpose, and the only one API Gateway documents',
  },
  {
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]',
    reason: 'The policy that AWS keeps in step with its container agent',
  },
];

/** Wildcards in resources that roles need. There is no wildcard in actions; a test holds that. */
const WILDCARDS: readonly { readonly resource: RegExp; readonly reason: string }[] = [
  { resource: /^\*$/, reason: 'These actions take no resource; a test lists them' },
  {
    resource: /:log-group:(\/aws\/(lambda|batch|sagemaker|codebuild)|\/ecs)\/.*\*$/,
    reason: 'Streams of the log group are named by AWS',
  },
  {
    resource: /Arn\w*\/[a-z-]+\/([a-z0-9-]+\/){0,2}\*$/,
    reason: 'Objects under one prefix of our bucket, or the indexes of our table',
  },
  { resource: /Arn\w*\/reports\/\*\/[a-z-]+\/\*$/, reason: 'Reports of one kind, of every model' },
  {
    resource: /Arn\w*\/(runs|models)\/\*\/\*\/[a-z-]+\.json\*$/,
    reason: 'One file of every run, or of every version',
  },
  {
    resource: /:(function|alarm|stateMachine|execution):millrace-[a-z0-9]+-[a-z-]*[-:/]?\*$/,
    reason: 'Resources of this stage, by name',
  },
  {
    resource: /:(service\/millrace-[a-z0-9]+-serving|task-definition)\/millrace-[a-z0-9]+-(slot-[ab]|pinned)-\*$/,
    reason: "Services of this stage's models, and the task definitions that they run, by name",
  },
  {
    resource: /:application-autoscaling:.*:scalable-target\/\*$/,
    reason: 'Targets are named by AWS; a condition says whose',
  },
  { resource: /:schedule\/millrace-[a-z0-9]+\/\*$/, reason: "Schedules of this stage's group" },
  { resource: /:training-job\/\*$/, reason: 'Training jobs are named after runs' },
  { resource: /:ecr:\*:\*:repository\/\*$/, reason: 'A model may name an image of any repository it may read' },
];

/** cdk-nag's checks of AWS solutions, with what is acknowledged here. */
export class SecurityChecks extends AwsSolutionsChecks {
  private readonly app: App;

  constructor(app: App) {
    super(app);
    this.app = app;
    Validations.of(app).acknowledge(...ACKNOWLEDGED);
  }

  /** Wildcards are looked at only now: before the stacks are prepared, references between them have no text. */
  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    for (const node of this.app.node.findAll()) {
      if (node instanceof CfnRole) acknowledgeWildcards(node);
    }
    return super.validate(context);
  }
}

/** cdk-nag acknowledges a wildcard by its exact text: its own rule gives the texts, the table above the reasons. */
const acknowledgeWildcards = (role: CfnRole): void => {
  const findings = rules.iam.IAMNoWildcardPermissions(role);
  if (!Array.isArray(findings)) return;
  for (const finding of findings) {
    const known = WILDCARDS.find(({ resource }) => resource.test(finding.replace(/^Resource::/, '')));
    if (known !== undefined) {
      Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason: known.reason });
    }
  }
};
