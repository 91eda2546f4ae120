import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock, type VirtualClock } from '../../infra/local/clock.ts';
import {
  AwsError,
  type CloudPorts,
  type CreateService,
  type FaultSource,
  type LocalService,
  NO_FAULTS,
  type ServiceContext,
} from '../../infra/local/contracts.ts';
import type { ApiHandler } from '../../infra/local/dispatcher.ts';
import { ALLOW_ALL } from '../../infra/local/iam/allow-all.ts';
import { createRecordingAuthorizer } from '../../infra/local/iam/authorizer.ts';
import { type CredentialStore, createCredentialStore, LOCAL_USER_KEY } from '../../infra/local/iam/credentials.ts';
import { createMachineIds } from '../../infra/local/ids.ts';
import { type CloudServer, startServer } from '../../infra/local/server.ts';
import { type OpenStateStore, openStateStore } from '../../infra/local/state-store.ts';

export const TEST_START_MS = Date.UTC(2001, 0, 1);
export const TEST_ACCOUNT = '000000000000';
export const TEST_REGION = 'us-east-1';

/** What services under test asked of the rest of the cloud. */
export interface RecordedCalls {
  readonly events: Parameters<CloudPorts['putEvent']>[0][];
  readonly metrics: Parameters<CloudPorts['putMetric']>[0][];
  readonly logLines: Parameters<CloudPorts['putLogLine']>[0][];
  readonly deliveries: {
    readonly targetArn: string;
    readonly payload: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
  }[];
  readonly calls: {
    readonly service: string;
    readonly action: string;
    readonly parameters: unknown;
    readonly roleArn: string;
  }[];
  readonly invocations: Parameters<CloudPorts['invokeFunction']>[0][];
  readonly executions: Parameters<CloudPorts['startExecution']>[0][];
  /** Lines of level warn and error: a test that expects none should say so. */
  readonly problems: { readonly level: string; readonly message: string }[];
}

export interface LocalServiceOptions {
  readonly startMs?: number;
  /** Replace what the recording ports do. */
  readonly ports?: Partial<CloudPorts>;
  /** A folder that outlives `stop`, to start again on it. */
  readonly folder?: string;
  readonly faults?: FaultSource;
  /** Keep the state store on disk; default in memory. */
  readonly durable?: boolean;
}

export interface StartedService {
  readonly endpoint: string;
  readonly clock: VirtualClock;
  readonly store: OpenStateStore;
  readonly credentials: CredentialStore;
  readonly services: readonly LocalService[];
  readonly context: ServiceContext;
  readonly recorded: RecordedCalls;
  /** For any SDK v3 client: `new DynamoDBClient(local.clientConfig)`. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  stop(): Promise<void>;
}

const notGiven = (what: string): never => {
  throw new AwsError('NotSupported', `${what} is not given in this test: pass it in options.ports`, 500);
};

const recordingPorts = (recorded: RecordedCalls, overrides: Partial<CloudPorts>): CloudPorts => {
  const override = <K extends keyof CloudPorts>(name: K): CloudPorts[K] | undefined => overrides[name];
  return {
    invokeFunction: async (request) => {
      recorded.invocations.push(request);
      return override('invokeFunction')?.(request) ?? notGiven('invokeFunction');
    },
    putEvent: (event) => {
      recorded.events.push(event);
      override('putEvent')?.(event);
    },
    putMetric: (metric) => {
      recorded.metrics.push(metric);
      override('putMetric')?.(metric);
    },
    putLogLine: (line) => {
      recorded.logLines.push(line);
      override('putLogLine')?.(line);
    },
    startExecution: async (request) => {
      recorded.executions.push(request);
      return override('startExecution')?.(request) ?? notGiven('startExecution');
    },
    deliver: async (targetArn, payload, parameters) => {
      recorded.deliveries.push({ targetArn, payload, ...(parameters === undefined ? {} : { parameters }) });
      await override('deliver')?.(targetArn, payload, parameters);
    },
    call: async (service, action, parameters, roleArn) => {
      recorded.calls.push({ service, action, parameters, roleArn });
      return override('call')?.(service, action, parameters, roleArn) ?? notGiven(`call ${service}:${action}`);
    },
    log: (line) => {
      if (line.level !== 'info') recorded.problems.push(line);
      override('log')?.(line);
    },
  };
};

/** Starts services alone on a free loopback port, with recording ports and a clock that the test drives. */
export const startLocalService = async (
  create: CreateService | readonly CreateService[],
  options: LocalServiceOptions = {},
): Promise<StartedService> => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'millrace-test-'));
  const recorded: RecordedCalls = {
    events: [],
    metrics: [],
    logLines: [],
    deliveries: [],
    calls: [],
    invocations: [],
    executions: [],
    problems: [],
  };
  const ports = recordingPorts(recorded, options.ports ?? {});
  const clock = createVirtualClock({
    startMs: options.startMs ?? TEST_START_MS,
    onTaskError: (label, error) =>
      recorded.problems.push({ level: 'error', message: `timer ${label}: ${String(error)}` }),
  });
  const store = openStateStore({ folder, inMemory: options.durable !== true });
  const identity = { region: TEST_REGION, accountId: TEST_ACCOUNT, partition: 'aws' } as const;
  const credentials = createCredentialStore(store, identity);
  let server: CloudServer | undefined;
  const context: ServiceContext = {
    ...identity,
    clock,
    ids: createMachineIds(),
    access: ALLOW_ALL,
    faults: options.faults ?? NO_FAULTS,
    store,
    ports,
    endpoint: () => server?.endpoint ?? '',
  };
  const services = (typeof create === 'function' ? [create] : create).map((one) => one(context));
  const handleApi = services.map((service) => (service as { handleApi?: ApiHandler }).handleApi).find(Boolean);
  server = await startServer({
    ...(handleApi ? { handleApi } : {}),
    clock,
    ids: context.ids,
    credentials,
    authorizer: createRecordingAuthorizer(),
    serviceFor: (name) => services.find((service) => service.signingName === name),
    onError: (message, error) => {
      recorded.problems.push({
        level: 'error',
        message: `${message}: ${error instanceof Error ? error.stack : String(error)}`,
      });
    },
  });
  for (const service of services) await service.start?.();

  return {
    endpoint: server.endpoint,
    clock,
    store,
    credentials,
    services,
    context,
    recorded,
    clientConfig: {
      endpoint: server.endpoint,
      region: TEST_REGION,
      credentials: { accessKeyId: LOCAL_USER_KEY, secretAccessKey: LOCAL_USER_KEY },
      maxAttempts: 1,
    },
    stop: async () => {
      for (const service of services) await service.stop?.();
      await server?.close();
      clock.stop();
      store.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
};
