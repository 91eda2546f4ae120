import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createApiCaller } from './api-caller.ts';
import { createApiGatewayService } from './apigateway/service.ts';
import { createVirtualClock, type VirtualClock } from './clock.ts';
import { createCloudLog } from './cloud-log.ts';
import { createCloudWatchService } from './cloudwatch/service.ts';
import { AwsError, type CloudPorts, type LocalService, NO_FAULTS, type ServiceContext } from './contracts.ts';
import { readAssembly } from './deploy/assembly.ts';
import { deployStack, type StackChanges } from './deploy/stack-deployer.ts';
import { createStackState } from './deploy/stack-state.ts';
import { createDynamoDbService } from './dynamodb/service.ts';
import { createEventsService } from './events/service.ts';
import { createFirehoseService } from './firehose/service.ts';
import { ALLOW_ALL } from './iam/allow-all.ts';
import { createRecordingAuthorizer, type RecordingAuthorizer } from './iam/authorizer.ts';
import { createCredentialStore } from './iam/credentials.ts';
import { createStsService } from './iam/service.ts';
import { createMachineIds } from './ids.ts';
import { createBatchService } from './jobs/batch.ts';
import type { LocalImages } from './jobs/local-images.ts';
import { createSageMakerService } from './jobs/sagemaker.ts';
import { createKmsService } from './kms/service.ts';
import { createLambdaService } from './lambda/service.ts';
import { createLogsService } from './logs/service.ts';
import { createRecordedResources } from './recorded/recorded-resources.ts';
import { createS3Service } from './s3/service.ts';
import { createSchedulerService } from './scheduler/service.ts';
import { startServer } from './server.ts';
import { createSnsService } from './sns/service.ts';
import { createSqsService } from './sqs/service.ts';
import { createSsmService } from './ssm/service.ts';
import { openStateStore } from './state-store.ts';
import { createStatesService } from './states/service.ts';

export interface CloudOptions {
  /** A synthesised CDK app (`cdk.out`). */
  readonly assemblyFolder: string;
  /** Everything that survives the process lies here. */
  readonly stateFolder: string;
  /** Virtual time of a new cloud; a kept one goes on at its own. */
  readonly startMs: number;
  /** 0 takes any free port. @default 0 */
  readonly port?: number;
  /** Commands that stand for training images, by image URI. */
  readonly localImages?: LocalImages;
  readonly onProblem?: (message: string) => void;
}

export interface Cloud {
  readonly endpoint: string;
  readonly clock: VirtualClock;
  /** Stack → output → value. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** API name → URL of its stage, without a slash at the end. */
  readonly apis: Readonly<Record<string, string>>;
  readonly authorizer: RecordingAuthorizer;
  /** Brings another assembly over the standing resources, as `cdk deploy` would. */
  deploy(assemblyFolder: string): Promise<Readonly<Record<string, StackChanges>>>;
  stop(): Promise<void>;
}

const IDENTITY = { region: 'us-east-1', accountId: '000000000000', partition: 'aws' } as const;
const NODE_MODULES = join(import.meta.dirname, '../../node_modules');
/** Leaps are kept as they happen; flowing time is at most so old after a kill. */
const SAVE_TIME_EVERY_MS = 200;

const lateBound = <T extends object>(name: string): { readonly value: T; bind(value: T): void } => {
  let bound: T | undefined;
  const value = new Proxy({} as T, {
    get: (_, key) => {
      if (bound === undefined) throw new AwsError('NotReady', `${name} is used while the cloud is being built`, 500);
      return bound[key as keyof T];
    },
  });
  return {
    value,
    bind: (target) => {
      bound = target;
    },
  };
};

const buildServices = (
  context: ServiceContext,
  clock: VirtualClock,
  assets: { path: (key: string) => string | undefined },
  localImages?: LocalImages,
) => {
  const credentials = createCredentialStore(context.store, IDENTITY);
  const images = localImages ? { localImages } : {};
  const lambda = createLambdaService({
    credentials,
    sharedClock: clock.shared,
    assetPath: (key) => assets.path(key),
    nodePath: NODE_MODULES,
  })(context);
  const services = {
    apigateway: createApiGatewayService(credentials)(context),
    batch: createBatchService(context, images),
    dynamodb: createDynamoDbService(context),
    events: createEventsService(context),
    firehose: createFirehoseService(context),
    kms: createKmsService(context),
    lambda,
    logs: createLogsService(context),
    monitoring: createCloudWatchService(context),
    s3: createS3Service(context),
    sagemaker: createSageMakerService(context, images),
    scheduler: createSchedulerService(context),
    sns: createSnsService(context),
    sqs: createSqsService(context),
    ssm: createSsmService(context),
    states: createStatesService(context),
    sts: createStsService(credentials)(context),
  };
  return { credentials, services };
};

type Services = ReturnType<typeof buildServices>['services'];

/** Service part of an ARN → how it takes a delivery. */
const deliveries = (
  services: Services,
  startExecution: CloudPorts['startExecution'],
): Readonly<Record<string, CloudPorts['deliver']>> => ({
  lambda: async (functionName, payload) => {
    await services.lambda.invoke({ functionName, payload, invocationType: 'Event' });
  },
  // Named after its delivery: one that is repeated after a kill finds the execution that it started.
  states: async (stateMachineArn, input, parameters) => {
    const name = parameters?.deliveryId;
    const named = typeof name === 'string' ? { name } : {};
    await startExecution({ stateMachineArn, input, ...named }).catch((error: unknown) => {
      if (!(error instanceof AwsError && error.code === 'ExecutionAlreadyExists')) throw error;
    });
  },
  sns: (arn, payload, parameters) => services.sns.deliver(arn, payload, parameters),
  sqs: (arn, payload, parameters) => services.sqs.deliver(arn, payload, parameters),
  events: (arn, payload) => services.events.deliver(arn, payload),
  firehose: (arn, payload) => services.firehose.deliver(arn, payload),
  logs: (arn, payload) => services.logs.deliver(arn, payload),
});

const portsOf = (services: Services, call: CloudPorts['call'], log: CloudPorts['log']): CloudPorts => {
  // Step Functions takes an execution on behalf of whoever the rule, schedule or function is: the service itself here.
  const role = `arn:${IDENTITY.partition}:iam::${IDENTITY.accountId}:role/service`;
  const startExecution: CloudPorts['startExecution'] = async (request) => {
    const answer = await call('states', 'StartExecution', request, role);
    return { executionArn: (answer as { readonly executionArn: string }).executionArn };
  };
  const byService = deliveries(services, startExecution);
  return {
    invokeFunction: (request) => services.lambda.invoke(request),
    putEvent: (event) => services.events.putEvent(event),
    putMetric: (metric) => services.monitoring.putMetric(metric),
    putLogLine: (line) => services.logs.putLogLine(line),
    startExecution,
    deliver: async (targetArn, payload, parameters) => {
      const service = targetArn.split(':')[2] ?? '';
      const deliver = byService[service];
      if (deliver === undefined) {
        throw new AwsError(
          'UnsupportedTarget',
          `${targetArn} is no target here; targets are ${Object.keys(byService).join(', ')}`,
        );
      }
      await deliver(targetArn, payload, parameters);
    },
    call,
    log,
  };
};

const providersOf = (context: ServiceContext, services: readonly LocalService[]) => {
  const providers = new Map(Object.entries(createRecordedResources(context)));
  for (const { resources } of services)
    for (const [type, provider] of Object.entries(resources)) providers.set(type, provider);
  return (type: string) => providers.get(type);
};

/**
 * Brings a synthesised template up in this process and serves it on 127.0.0.1 in AWS's wire formats. A state folder
 * that was used before goes on where it stopped, also after a kill: resources, items, executions, time.
 */
export const startCloud = async (options: CloudOptions): Promise<Cloud> => {
  mkdirSync(options.stateFolder, { recursive: true });
  const store = openStateStore({ folder: options.stateFolder });
  const time = store.table<number>('virtual-time');
  const clock = createVirtualClock({
    startMs: time.get('now') ?? options.startMs,
    onLeap: (nowMs) => time.put('now', nowMs),
    onTaskError: (label, error) => log({ level: 'error', message: `timer ${label} failed: ${String(error)}` }),
  });
  const log = createCloudLog(options.stateFolder, clock.nowMs, options.onProblem);
  const saveTime = (): void => time.put('now', clock.nowMs());
  const saving = setInterval(saveTime, SAVE_TIME_EVERY_MS);

  let endpoint = '';
  let assembly = readAssembly(options.assemblyFolder);
  const ports = lateBound<CloudPorts>('CloudPorts');
  const context: ServiceContext = {
    ...IDENTITY,
    clock,
    ids: createMachineIds(),
    access: ALLOW_ALL,
    faults: NO_FAULTS,
    store,
    ports: ports.value,
    endpoint: () => endpoint,
  };
  const assets = { path: (key: string) => assembly.assetPath(key) };
  const { credentials, services } = buildServices(context, clock, assets, options.localImages);
  const caller = createApiCaller({ region: IDENTITY.region, endpoint: () => endpoint, credentials });
  ports.bind(portsOf(services, caller.call, log));

  const all: readonly LocalService[] = Object.values(services);
  const authorizer = createRecordingAuthorizer();
  const server = await startServer({
    port: options.port ?? 0,
    clock,
    credentials,
    authorizer,
    serviceFor: (name) => all.find(({ signingName }) => signingName === name),
    handleApi: services.apigateway.handleApi,
    onError: (message, error) => log({ level: 'error', message: `${message}: ${String(error)}` }),
  });
  endpoint = server.endpoint;
  const state = createStackState(store);
  const providerFor = providersOf(context, all);

  const deploy: Cloud['deploy'] = async (assemblyFolder) => {
    assembly = readAssembly(assemblyFolder);
    const changes: Record<string, StackChanges> = {};
    for (const stack of assembly.stacks) {
      changes[stack.stackName] = await deployStack({ identity: IDENTITY, state, providerFor, log }, stack);
    }
    return changes;
  };
  const stop = async (): Promise<void> => {
    clearInterval(saving);
    for (const service of all) await service.stop?.();
    caller.close();
    await server.close();
    saveTime();
    clock.stop();
    store.close();
  };

  try {
    for (const service of all) await service.start?.();
    await deploy(options.assemblyFolder);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint,
    clock,
    get outputs() {
      return state.outputs();
    },
    get apis() {
      return services.apigateway.urls();
    },
    authorizer,
    deploy,
    stop,
  };
};
