import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiCaller } from '../../infra/local/api-caller.ts';
import type { CreateService, FaultSource, LocalService } from '../../infra/local/contracts.ts';
import { createDynamoDbService } from '../../infra/local/dynamodb/service.ts';
import { createCredentialStore } from '../../infra/local/iam/credentials.ts';
import type { Environment, EnvironmentOptions } from '../../infra/local/lambda/environment.ts';
import { createLambdaService } from '../../infra/local/lambda/service.ts';
import { createSqsService } from '../../infra/local/sqs/service.ts';
import { type StartedService, startLocalService, TEST_REGION } from './local-service.ts';

/** What a function under test does with an event and its variables; a throw fails the invocation. */
export type Work = (
  event: { readonly Records: readonly Record<string, unknown>[] },
  environment: Readonly<Record<string, string>>,
) => unknown | Promise<unknown>;

export interface MappingBench extends StartedService {
  /** Events of every invocation, in order. */
  readonly events: { readonly Records: readonly Record<string, unknown>[] }[];
  /** Creates the function `consume` with what it does. */
  createFunction(properties?: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface MappingBenchOptions {
  readonly work: Work;
  readonly faults?: Partial<FaultSource>;
  /** A folder that outlives `stop`, to start again on it. */
  readonly folder?: string;
  readonly startMs?: number;
}

const environmentFor =
  (work: Work, events: MappingBench['events'], nowMs: () => number) =>
  ({ logStream, environment }: EnvironmentOptions): Environment => ({
    logStream,
    alive: () => true,
    initMs: () => 0,
    nowMs,
    stop: async () => undefined,
    invoke: async ({ payload }) => {
      const event = JSON.parse(payload) as MappingBench['events'][number];
      events.push(event);
      try {
        return { payload: JSON.stringify((await work(event, environment)) ?? null) };
      } catch (error) {
        const { name, message } = error as Error;
        return { functionError: 'Unhandled', payload: JSON.stringify({ errorType: name, errorMessage: message }) };
      }
    },
  });

/** Lambda with queues and tables, and functions that are plain code of the test instead of threads. */
export const startMappingBench = async (options: MappingBenchOptions): Promise<MappingBench> => {
  const events: MappingBench['events'] = [];
  const assets = mkdtempSync(join(tmpdir(), 'mapping-assets-'));
  mkdirSync(join(assets, 'aa11'));
  writeFileSync(join(assets, 'aa11', 'index.js'), '');
  const shared: { sqs?: ReturnType<typeof createSqsService>; dynamodb?: ReturnType<typeof createDynamoDbService> } = {};
  const sqs: CreateService = (context) => (shared.sqs = createSqsService(context));
  const dynamodb: CreateService = (context) => (shared.dynamodb = createDynamoDbService(context));
  const lambda: CreateService = (context) =>
    createLambdaService({
      credentials: createCredentialStore(context.store, context),
      sharedClock: new SharedArrayBuffer(8),
      assetPath: (key) => join(assets, key.replace('.zip', '')),
      nodePath: '',
      createEnvironment: environmentFor(options.work, events, context.clock.nowMs),
      sources: () => ({
        watchQueue: (arn, told) => shared.sqs?.watch(arn, told) ?? (() => undefined),
        queueVisibilitySeconds: (arn) => shared.sqs?.visibilitySeconds(arn),
        openStream: (arn) => shared.dynamodb?.openTableStream(arn),
      }),
    })(context);
  let local: StartedService;
  const caller: { call?: ReturnType<typeof createApiCaller> } = {};
  const callerOf = () =>
    (caller.call ??= createApiCaller({
      region: TEST_REGION,
      endpoint: () => local.endpoint,
      credentials: local.credentials,
    }));
  local = await startLocalService([sqs, dynamodb, lambda], {
    ...(options.folder === undefined ? {} : { folder: options.folder, durable: true }),
    ...(options.startMs === undefined ? {} : { startMs: options.startMs }),
    faults: {
      call: () => undefined,
      delivery: () => undefined,
      job: () => undefined,
      staleMs: () => 0,
      clockSkewMs: () => 0,
      ...options.faults,
    },
    ports: {
      call: (...call) => callerOf().call(...call),
      deliver: async (targetArn, payload, parameters) =>
        targetArn.includes(':sqs:') ? shared.sqs?.deliver(targetArn, payload, parameters) : undefined,
    },
  });
  const functions = local.services[2] as LocalService;
  return {
    ...local,
    events,
    createFunction: async (properties = {}) => {
      await functions.resources['AWS::Lambda::Function']?.create({
        stackName: 'S',
        logicalId: 'Consume',
        generatedName: 'S-Consume-X',
        properties: {
          FunctionName: 'consume',
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: 'arn:aws:iam::000000000000:role/consume',
          Code: { S3Bucket: 'assets', S3Key: 'aa11.zip' },
          Timeout: 3,
          ...properties,
        },
      });
    },
    stop: async () => {
      caller.call?.close();
      await local.stop();
      rmSync(assets, { recursive: true, force: true });
    },
  };
};
