import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageConfig } from '../../infra/aws/config.ts';
import { type Cloud, startCloud } from '../../infra/local/cloud.ts';
import type { LocalImages } from '../../infra/local/jobs/local-images.ts';
import type { MemoryRequestHandler } from '../../infra/local/simulation/request-handler.ts';
import type { SimulationOptions } from '../../infra/local/simulation/simulation.ts';
import { createApiClient, readAnswer, type SendSigned } from '../../infra/local/story/api-client.ts';
import { createObserver } from '../../infra/local/story/observer.ts';
import { createPlatform } from '../../infra/local/story/platform.ts';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { datasetDayKey } from '../../shared/contracts/artifacts.ts';
import type { CompositionDefinition } from '../../shared/contracts/composition-definition.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { askAssembler } from './assembler.ts';
import { BENCH_START_MS, dayRowsSql } from './training-bench.ts';

/** The whole platform on the embedded cloud: the synthesised template of the `local` stage with the test's models. */

const REGION = 'us-east-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * Synthesises the app with these models into a new folder: in the process that does so for the whole run, or in this
 * one. The CDK is loaded when it is needed: a cloud that only goes on needs none of it.
 * @param codeMark changes the inference function's code.
 */
export const assemble = async (
  definitions: readonly ModelDefinition[],
  codeMark?: string,
  stage?: StageConfig,
  compositions?: readonly CompositionDefinition[],
): Promise<string> => {
  const request = { definitions, codeMark, stage, compositions };
  const { MILLRACE_ASSEMBLER: assembler } = process.env;
  return assembler === undefined ? (await import('./assemble.ts')).assemble(request) : askAssembler(assembler, request);
};

/**
 * For a test of what the platform does, not of how requests reach it: everything runs in the test's own process, where
 * functions stay warm for a day. Threads that start and sockets are a third to a half of what such a test costs.
 */
export const IN_ONE_PROCESS: SimulationOptions = { seed: 1, idleEnvironmentMs: 2 * DAY_MS };

interface PlainRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface TestCloud {
  readonly cloud: Cloud;
  readonly platform: ReturnType<typeof createPlatform>;
  readonly observer: ReturnType<typeof createObserver>;
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: typeof credentials;
    readonly requestHandler?: MemoryRequestHandler;
  };
  readonly predictUrl: string;
  readonly platformUrl: string;
  readonly api: ReturnType<typeof createApiClient>;
  /** As the global `fetch`, for what the clients here do not send: over the cloud's port or a simulation's transport. */
  fetch(url: string, init?: PlainRequest): Promise<Response>;
  /** Writes the toy rows of days [from, to) after the bench's start to the dataset `toys`. */
  loadToyDays(from: number, to: number): Promise<void>;
  /** Leaps until the predicate holds, at most so long (default 10 days). @throws when it never does. */
  until(what: string, predicate: () => Promise<boolean>, limitMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Signed calls over a simulation's transport. */
const sendInMemory =
  ({ send }: NonNullable<Cloud['memory']>): SendSigned =>
  async (url, { method, headers, body }) => {
    const request = { method, target: `${url.pathname}${url.search}`, headers, body: Buffer.from(body) };
    const answer = await send(request);
    return readAnswer(answer.status, answer.body.toString('utf8'));
  };

const fetchInMemory =
  ({ send }: NonNullable<Cloud['memory']>): TestCloud['fetch'] =>
  async (address, { method = 'GET', headers = {}, body = '' } = {}) => {
    const { host, pathname, search } = new URL(address);
    const sent = { host, ...headers };
    const answer = await send({ method, target: `${pathname}${search}`, headers: sent, body: Buffer.from(body) });
    return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
  };

const clientsOf = (cloud: Cloud) => {
  const { memory } = cloud;
  const clientConfig = {
    endpoint: cloud.endpoint,
    region: REGION,
    credentials,
    ...(memory ? { requestHandler: memory.requestHandler } : {}),
  };
  const sendSigned = memory ? sendInMemory(memory) : undefined;
  const api = createApiClient({ region: REGION, ...credentials }, () => cloud.clock.nowMs(), sendSigned);
  const outputs = cloud.outputs['Millrace-local-data'] ?? {};
  const urlOf = (name: string): string => (cloud.apis[`millrace-local-${name}`] ?? '').replace(/\/$/, '');
  const [platformUrl, predictUrl] = [urlOf('platform'), urlOf('predict')];
  const observer = createObserver({
    stage: 'local',
    clientConfig,
    artifactBucket: outputs.ArtifactBucketName ?? '',
    dataBucket: outputs.DataBucketName ?? '',
  });
  return {
    clientConfig,
    api,
    fetch: memory ? fetchInMemory(memory) : (url: string, init?: PlainRequest) => fetch(url, init),
    observer,
    platformUrl,
    predictUrl,
    platform: createPlatform(api, { platform: platformUrl, predict: predictUrl }),
  };
};

export const startTestCloud = async (options: {
  readonly assemblyFolder: string;
  readonly stateFolder?: string;
  readonly startMs?: number;
  readonly localImages?: LocalImages;
  /** Runs by a seed, in this process and in memory; the clients given use its transport. */
  readonly simulation?: SimulationOptions;
}): Promise<TestCloud> => {
  const stateFolder = options.stateFolder ?? mkdtempSync(join(tmpdir(), 'millrace-state-'));
  const cloud = await startCloud({
    assemblyFolder: options.assemblyFolder,
    stateFolder,
    startMs: options.startMs ?? BENCH_START_MS + 14 * DAY_MS,
    port: 0,
    ...(options.localImages ? { localImages: options.localImages } : {}),
    ...(options.simulation ? { simulation: options.simulation } : {}),
  });
  const clients = clientsOf(cloud);
  return {
    cloud,
    ...clients,
    async loadToyDays(from, to) {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-toys-'));
      const engine = await openDuckDb();
      try {
        for (let day = from; day < to; day += 1) {
          const file = join(folder, `${day}.parquet`);
          await engine.execute(`COPY (${dayRowsSql(day)}) TO '${file}' (FORMAT parquet)`);
          await clients.observer.data.put(
            datasetDayKey('toys', utcDay(BENCH_START_MS + day * DAY_MS)),
            await readFile(file),
          );
        }
      } finally {
        await engine.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
    async until(what, predicate, limitMs = 10 * DAY_MS) {
      const held = await cloud.clock.runUntil(predicate, cloud.clock.nowMs() + limitMs);
      if (held) return;
      const executions = (await clients.observer.executions()).map(({ workflow, status }) => `${workflow} ${status}`);
      throw new Error(`never: ${what}; executions: ${executions.join(', ')}`);
    },
    async stop() {
      clients.api.close();
      clients.observer.close();
      await cloud.stop();
      if (options.stateFolder === undefined) rmSync(stateFolder, { recursive: true, force: true });
    },
  };
};
