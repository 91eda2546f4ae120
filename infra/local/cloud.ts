import { randomUUID } from 'node:crypto';
import { createApiCaller } from './api-caller.ts';
import type { VirtualClock } from './clock.ts';
import { openFoundation } from './cloud-foundation.ts';
import { portsOf } from './cloud-ports.ts';
import { buildServices } from './cloud-services.ts';
import { AwsError, type CloudPorts, type LocalService, type ServiceContext } from './contracts.ts';
import { readAssembly } from './deploy/assembly.ts';
import { createDeployer, type Deployer } from './deploy/deployer.ts';
import { createStackState } from './deploy/stack-state.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { createAccessControl } from './iam/access-control.ts';
import { createRecordingAuthorizer, type RecordingAuthorizer } from './iam/authorizer.ts';
import type { UsageRecorder } from './iam/usage.ts';
import { writeUsage } from './iam/write-usage.ts';
import type { LocalImages } from './jobs/local-images.ts';
import { createRecordedResources } from './recorded/recorded-resources.ts';
import { type CloudServer, startServer } from './server.ts';
import type { MemoryRequestHandler } from './simulation/request-handler.ts';
import { SIMULATED_ENDPOINT, type Simulation, type SimulationOptions } from './simulation/simulation.ts';
import type { MemoryRequest, MemoryResponse } from './simulation/transport.ts';

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
  /**
   * Runs everything in this process by a seed: handlers instead of threads, calls in memory instead of on a socket,
   * documents in memory. Nothing is kept, nothing listens, time moves only when the clock is driven.
   */
  readonly simulation?: SimulationOptions;
}

export interface Cloud {
  readonly endpoint: string;
  readonly clock: VirtualClock;
  /** Of a cloud that runs by a seed: the only way in, for SDK clients and for requests of any other kind. */
  readonly memory?: {
    readonly requestHandler: MemoryRequestHandler;
    readonly send: (request: MemoryRequest) => Promise<MemoryResponse>;
  };
  /** Stack → output → value. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** API name → URL of its stage, without a slash at the end. */
  readonly apis: Readonly<Record<string, string>>;
  readonly authorizer: RecordingAuthorizer;
  /** Which permissions of the template were used. */
  readonly usage: UsageRecorder;
  /** What a resource of the template is called here. */
  physicalId(stackName: string, logicalId: string): string | undefined;
  /** Brings another assembly over the standing resources, as `cdk deploy` would. */
  deploy(assemblyFolder: string): ReturnType<Deployer['deploy']>;
  /** Deletes the stacks of the assembly deployed last, all of them or the named ones, as `cdk destroy` would. */
  destroy(stackNames?: readonly string[]): ReturnType<Deployer['destroy']>;
  /** Takes resources that stand without a stack into one of the assembly, as `cdk import` would; then deploy it. */
  importResources(
    assemblyFolder: string,
    stackName: string,
    mapping: Readonly<Record<string, string>>,
  ): readonly string[];
  stop(): Promise<void>;
}

const IDENTITY = { region: 'us-east-1', accountId: '000000000000', partition: 'aws' } as const;

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

const providersOf = (context: ServiceContext, services: readonly LocalService[]) => {
  const providers = new Map(Object.entries(createRecordedResources(context)));
  for (const { resources } of services)
    for (const [type, provider] of Object.entries(resources)) providers.set(type, provider);
  return (type: string) => providers.get(type);
};

const CLIENT = { kind: 'client', caller: 'client' } as const;

const roleName = (roleArn: string): string => roleArn.slice(roleArn.lastIndexOf('/') + 1);

const callerOf = (simulation: Simulation | undefined) =>
  simulation
    ? { requestHandler: (roleArn: string) => simulation.requestHandler({ kind: 'service', caller: roleName(roleArn) }) }
    : {};

type Serving = Omit<DispatcherOptions, 'endpoint' | 'clock'> & { readonly clock: VirtualClock };

/** What the server is to a simulation: nothing listens. */
const connect = (simulation: Simulation, options: Serving): CloudServer => {
  const endpoint = SIMULATED_ENDPOINT;
  const dispatch = createDispatcher({ ...options, inProcess: true, endpoint: () => endpoint });
  simulation.connect({ clock: options.clock, dispatch, endpoint });
  return { endpoint, close: async () => {} };
};

const wayIn = (simulation: Simulation | undefined): Pick<Cloud, 'memory'> =>
  simulation
    ? {
        memory: {
          requestHandler: simulation.requestHandler(CLIENT),
          send: (request) => simulation.send(CLIENT, request),
        },
      }
    : {};

/**
 * Brings a synthesised template up in this process and serves it on 127.0.0.1 in AWS's wire formats. A state folder
 * that was used before goes on where it stopped, also after a kill: resources, items, executions, time.
 */
export const startCloud = async (options: CloudOptions): Promise<Cloud> => {
  const foundation = openFoundation(options);
  const { store, clock, log, ids, faults, simulation } = foundation;
  let endpoint = '';
  let assembly = readAssembly(options.assemblyFolder);
  const ports = lateBound<CloudPorts>('CloudPorts');
  const access = createAccessControl({ ...IDENTITY, store, clock });
  const context: ServiceContext = {
    ...IDENTITY,
    clock,
    ids,
    access,
    faults,
    store,
    ports: ports.value,
    endpoint: () => endpoint,
  };
  const assetPath = (key: string): string | undefined => assembly.assetPath(key);
  const { localImages } = options;
  const { credentials, services } = buildServices(context, { clock, assetPath, localImages, simulation });
  const api = { region: IDENTITY.region, endpoint: () => endpoint, credentials, ...callerOf(simulation) };
  const caller = createApiCaller(api);
  ports.bind(portsOf(services, access, { call: caller.call, log }));

  const all: readonly LocalService[] = Object.values(services);
  const authorizer = createRecordingAuthorizer();
  let stopping = false;
  const serving: Serving = {
    clock,
    ids,
    credentials,
    authorizer,
    serviceFor: (name) => all.find(({ signingName }) => signingName === name),
    handleApi: services.apigateway.handleApi,
    // A request that arrives while the services stop finds some of them closed: no news.
    onError: (message, error) => {
      if (!stopping) log({ level: 'error', message: `${message}: ${String(error)}` });
    },
  };
  const server = simulation ? connect(simulation, serving) : await startServer({ ...serving, port: options.port ?? 0 });
  endpoint = server.endpoint;
  const deployer = createDeployer(context, providersOf(context, all), log);

  const deploy: Cloud['deploy'] = async (assemblyFolder) => {
    assembly = readAssembly(assemblyFolder);
    return deployer.deploy(assembly);
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    for (const service of all) await service.stop?.();
    const usageFolder = process.env.MILLRACE_IAM_USAGE;
    if (usageFolder !== undefined) writeUsage(usageFolder, randomUUID(), access.usage);
    caller.close();
    await server.close();
    foundation.close();
  };

  try {
    for (const service of all) await service.start?.();
    await deploy(options.assemblyFolder);
    // What starts by itself is at rest before anybody outside acts: where it stands would depend on the machine.
    if (simulation) await clock.settle();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint,
    clock,
    ...wayIn(simulation),
    get outputs() {
      return deployer.outputs();
    },
    get apis() {
      return services.apigateway.urls();
    },
    authorizer,
    usage: access.usage,
    physicalId: (stackName, logicalId) => createStackState(store).resource(stackName, logicalId)?.physicalId,
    deploy,
    destroy: (stackNames) => deployer.destroy(assembly, stackNames),
    importResources: (assemblyFolder, stackName, mapping) => {
      assembly = readAssembly(assemblyFolder);
      return deployer.importResources(assembly, stackName, mapping);
    },
    stop,
  };
};
