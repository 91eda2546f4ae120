import { join } from 'node:path';
import { createApiGatewayService } from './apigateway/service.ts';
import { createScalingService } from './applicationautoscaling/service.ts';
import type { VirtualClock } from './clock.ts';
import { createCloudWatchService } from './cloudwatch/service.ts';
import type { ServiceContext } from './contracts.ts';
import { createCloudFormationService } from './deploy/cloudformation-service.ts';
import { createDynamoDbService } from './dynamodb/service.ts';
import { createEcsService } from './ecs/service.ts';
import { createLoadBalancingService } from './elbv2/service.ts';
import { createEventsService } from './events/service.ts';
import { createFirehoseService } from './firehose/service.ts';
import { createCredentialStore } from './iam/credentials.ts';
import { createStsService } from './iam/service.ts';
import { createBatchService } from './jobs/batch.ts';
import type { LocalImages } from './jobs/local-images.ts';
import { createSageMakerService } from './jobs/sagemaker.ts';
import { createKmsService } from './kms/service.ts';
import { createInProcessEnvironment } from './lambda/in-process-environment.ts';
import { createLambdaService } from './lambda/service.ts';
import { createLogsService } from './logs/service.ts';
import { createS3Service } from './s3/service.ts';
import { createSchedulerService } from './scheduler/service.ts';
import type { Simulation } from './simulation/simulation.ts';
import { createSnsService } from './sns/service.ts';
import { createSqsService } from './sqs/service.ts';
import { createSsmService } from './ssm/service.ts';
import { createStatesService } from './states/service.ts';
import { createFirewallService } from './wafv2/service.ts';

const NODE_MODULES = join(import.meta.dirname, '../../node_modules');

export interface ServicesOptions {
  readonly clock: VirtualClock;
  /** Where an asset of the assembly lies. */
  readonly assetPath: (key: string) => string | undefined;
  readonly localImages?: LocalImages | undefined;
  readonly simulation?: Simulation | undefined;
}

/** Every service of the embedded cloud, and the credentials that they share. */
export const buildServices = (
  context: ServiceContext,
  { clock, assetPath, localImages, simulation }: ServicesOptions,
) => {
  const credentials = createCredentialStore(context.store, context);
  const host = simulation?.environmentHost(NODE_MODULES);
  const images = localImages ? { localImages } : {};
  const dynamodb = createDynamoDbService(context, { inMemory: simulation !== undefined });
  const sqs = createSqsService(context);
  const balancing = createLoadBalancingService(context);
  const firewall = createFirewallService(context);
  const ecs = createEcsService(context, { ...images, targets: balancing.targets });
  const monitoring = createCloudWatchService(context);
  const lambda = createLambdaService({
    credentials,
    sharedClock: clock.shared,
    assetPath,
    nodePath: NODE_MODULES,
    sources: () => ({
      watchQueue: sqs.watch,
      queueVisibilitySeconds: sqs.visibilitySeconds,
      openStream: dynamodb.openTableStream,
    }),
    ...(host
      ? {
          createEnvironment: (options) => createInProcessEnvironment(options, host),
          idleEnvironmentMs: host.idleEnvironmentMs,
        }
      : {}),
  })(context);
  const services = {
    apigateway: createApiGatewayService(
      credentials,
      simulation ? undefined : () => performance.now(),
      balancing.forward,
      firewall.filter,
    )(context),
    autoscaling: createScalingService(context, { services: ecs.capacity, alarms: monitoring.alarms }),
    batch: createBatchService(context, images),
    cloudformation: createCloudFormationService(context),
    dynamodb,
    ecs,
    elasticloadbalancing: balancing,
    events: createEventsService(context),
    firehose: createFirehoseService(context),
    kms: createKmsService(context),
    lambda,
    logs: createLogsService(context),
    monitoring,
    s3: createS3Service(context, simulation ? { blobs: 'memory' } : {}),
    sagemaker: createSageMakerService(context, images),
    scheduler: createSchedulerService(context),
    sns: createSnsService(context),
    sqs,
    ssm: createSsmService(context),
    states: createStatesService(context),
    sts: createStsService(credentials)(context),
    wafv2: firewall,
  };
  return { credentials, services };
};

export type Services = ReturnType<typeof buildServices>['services'];
