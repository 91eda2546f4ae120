import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { TASKS_LABEL, type TaskRange, tasksLabel } from '../../../shared/contracts/service-tasks.ts';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import { arnOf } from '../arns.ts';
import type { StageConfig } from '../config.ts';
import { allow, policy } from '../permissions.ts';
import { pullImages } from './batch-job.ts';

export const SERVER_CONTAINER = 'server';
/** What containers listen on. */
export const SERVER_PORT = 8080;
/** The server finishes what it was asked within this, and the load balancer has looked elsewhere by then. */
const STOP_SECONDS = 35;

export interface ServerTaskProps {
  readonly stage: StageConfig;
  /** What it serves, for descriptions and errors: `model births`. */
  readonly subject: string;
  readonly family: string;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly tasks: TaskRange;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
}

export interface ServerTask {
  readonly definition: CfnTaskDefinition;
  /** Of the containers: who registers a task definition hands them over. */
  readonly roleArns: readonly string[];
}

/** A task definition of the model server with roles and a log group of its own, in the scope of what it serves. */
export const addServerTask = (scope: Construct, props: ServerTaskProps): ServerTask => {
  const { stage, subject, family } = props;
  const logGroup = new LogGroup(scope, 'Log', {
    logGroupName: `/ecs/${family}`,
    retention: stage.logRetentionDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const containers = new ServicePrincipal('ecs-tasks.amazonaws.com');
  const taskRole = new Role(scope, 'TaskRole', {
    description: `Containers that answer predictions of ${subject}`,
    assumedBy: containers,
    inlinePolicies: { task: policy(props.statements) },
  });
  const executionRole = new Role(scope, 'ExecutionRole', {
    description: `Pulls the image that serves ${subject} and writes its log`,
    assumedBy: containers,
    inlinePolicies: {
      pull: policy([
        ...pullImages(),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [arnOf(scope, 'logs', `log-group:/ecs/${family}:*`)]),
      ]),
    },
  });
  // Nobody but the load balancer reaches a task, and nobody but the API reaches that.
  const reached = { HOST: '0.0.0.0', PORT: String(SERVER_PORT), CALLERS: 'named-by-api' };
  const environment = { STAGE: stage.name, ...props.environment, ...reached };
  const definition = new CfnTaskDefinition(scope, 'Deployed', {
    family,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: String(props.vcpus * 1_024),
    memory: String(props.memoryMb),
    runtimePlatform: {
      operatingSystemFamily: 'LINUX',
      cpuArchitecture: stage.architecture === 'arm64' ? 'ARM64' : 'X86_64',
    },
    taskRoleArn: taskRole.roleArn,
    executionRoleArn: executionRole.roleArn,
    containerDefinitions: [
      {
        name: SERVER_CONTAINER,
        image: imageOf(stage, subject),
        essential: true,
        portMappings: [{ containerPort: SERVER_PORT, protocol: 'tcp' }],
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        dockerLabels: { [TASKS_LABEL]: tasksLabel(props.tasks) },
        stopTimeout: STOP_SECONDS,
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': logGroup.logGroupName,
            'awslogs-region': Aws.REGION,
            'awslogs-stream-prefix': 'ecs',
          },
        },
      },
    ],
  });
  return { definition, roleArns: [taskRole.roleArn, executionRole.roleArn] };
};

const imageOf = (stage: StageConfig, subject: string): string => {
  if (stage.serverImage !== undefined) return stage.serverImage;
  throw new InvalidRequestError(
    `${subject} is served on ECS, for which stage ${stage.name} must have a serverImage (infra/aws/config.ts): deploy once with serverImageBuild: 'on' and start its CodeBuild project`,
  );
};
