import { createScalingService } from '../../../infra/local/applicationautoscaling/service.ts';
import type { VirtualClock } from '../../../infra/local/clock.ts';
import { createCloudWatchService } from '../../../infra/local/cloudwatch/service.ts';
import type { CreateService } from '../../../infra/local/contracts.ts';
import { createDynamoDbService } from '../../../infra/local/dynamodb/service.ts';
import { createEcsService } from '../../../infra/local/ecs/service.ts';
import { createLoadBalancingService } from '../../../infra/local/elbv2/service.ts';
import { createEventsService } from '../../../infra/local/events/service.ts';
import { createFirehoseService } from '../../../infra/local/firehose/service.ts';
import { createCredentialStore } from '../../../infra/local/iam/credentials.ts';
import { createStsService } from '../../../infra/local/iam/service.ts';
import { createBatchService } from '../../../infra/local/jobs/batch.ts';
import { createSageMakerService } from '../../../infra/local/jobs/sagemaker.ts';
import { createKmsService } from '../../../infra/local/kms/service.ts';
import { createLambdaService } from '../../../infra/local/lambda/service.ts';
import { createLogsService } from '../../../infra/local/logs/service.ts';
import { createS3Service } from '../../../infra/local/s3/service.ts';
import { createSchedulerService } from '../../../infra/local/scheduler/service.ts';
import { createSnsService } from '../../../infra/local/sns/service.ts';
import { createSqsService } from '../../../infra/local/sqs/service.ts';
import { createSsmService } from '../../../infra/local/ssm/service.ts';
import { createStatesService } from '../../../infra/local/states/service.ts';

type Module = Readonly<Record<string, unknown>>;

export interface TabledService {
  readonly title: string;
  readonly signingName: string;
  readonly create: CreateService;
  /** The SDK's client, which lists what AWS offers. Absent where the repository has no such package. */
  readonly client?: () => Promise<Module>;
}

/** The services of the table, in its order. */
export const TABLED_SERVICES: readonly TabledService[] = [
  {
    title: 'Application Auto Scaling',
    signingName: 'application-autoscaling',
    create: (context) =>
      createScalingService(context, {
        services: createEcsService(context, { targets: createLoadBalancingService(context).targets }).capacity,
        alarms: createCloudWatchService(context).alarms,
      }),
  },
  {
    title: 'Batch',
    signingName: 'batch',
    create: (context) => createBatchService(context),
    client: () => import('@aws-sdk/client-batch'),
  },
  {
    title: 'CloudWatch',
    signingName: 'monitoring',
    create: createCloudWatchService,
    client: () => import('@aws-sdk/client-cloudwatch'),
  },
  { title: 'CloudWatch Logs', signingName: 'logs', create: createLogsService },
  {
    title: 'DynamoDB',
    signingName: 'dynamodb',
    create: createDynamoDbService,
    client: () => import('@aws-sdk/client-dynamodb'),
  },
  {
    title: 'ECS',
    signingName: 'ecs',
    create: (context) => createEcsService(context, { targets: createLoadBalancingService(context).targets }),
    client: () => import('@aws-sdk/client-ecs'),
  },
  {
    title: 'Elastic Load Balancing',
    signingName: 'elasticloadbalancing',
    create: createLoadBalancingService,
    client: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  },
  {
    title: 'EventBridge',
    signingName: 'events',
    create: createEventsService,
    client: () => import('@aws-sdk/client-eventbridge'),
  },
  {
    title: 'EventBridge Scheduler',
    signingName: 'scheduler',
    create: createSchedulerService,
    client: () => import('@aws-sdk/client-scheduler'),
  },
  {
    title: 'Firehose',
    signingName: 'firehose',
    create: createFirehoseService,
    client: () => import('@aws-sdk/client-firehose'),
  },
  { title: 'KMS', signingName: 'kms', create: createKmsService },
  {
    title: 'Lambda',
    signingName: 'lambda',
    create: (context) =>
      createLambdaService({
        credentials: createCredentialStore(context.store, context),
        sharedClock: (context.clock as VirtualClock).shared,
        assetPath: () => undefined,
        nodePath: '',
      })(context),
    client: () => import('@aws-sdk/client-lambda'),
  },
  {
    title: 'S3',
    signingName: 's3',
    create: (context) => createS3Service(context, { blobs: 'memory' }),
    client: () => import('@aws-sdk/client-s3'),
  },
  {
    title: 'SageMaker',
    signingName: 'sagemaker',
    create: (context) => createSageMakerService(context),
    client: () => import('@aws-sdk/client-sagemaker'),
  },
  { title: 'SNS', signingName: 'sns', create: createSnsService, client: () => import('@aws-sdk/client-sns') },
  { title: 'SQS', signingName: 'sqs', create: createSqsService, client: () => import('@aws-sdk/client-sqs') },
  {
    title: 'Step Functions',
    signingName: 'states',
    create: createStatesService,
    client: () => import('@aws-sdk/client-sfn'),
  },
  {
    title: 'STS',
    signingName: 'sts',
    create: (context) => createStsService(createCredentialStore(context.store, context))(context),
  },
  { title: 'Systems Manager', signingName: 'ssm', create: createSsmService },
];
