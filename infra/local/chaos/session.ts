import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { createArtifactStore } from '../../../shared/adapters/s3/artifact-store.ts';
import type { ArtifactStore } from '../../../shared/ports/artifact-store.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import type { FaultSource } from '../contracts.ts';
import { type ApiClient, createApiClient, readAnswer } from '../story/api-client.ts';
import { createObserver, type Observer } from '../story/observer.ts';
import { createPlatform, type Platform } from '../story/platform.ts';
import { createBoostedTreesImage } from './boosted-trees-image.ts';
import { effectsOf, type TimedEffect } from './effects.ts';
import { IMAGE } from './toy-model.ts';
import { createTransferImage, TRANSFER_IMAGE } from './transfer-image.ts';

/** A cloud under a seed, with the clients of the people and programs that use it. */
export interface ChaosSession {
  readonly cloud: Cloud;
  readonly platform: Platform;
  readonly observer: Observer;
  readonly api: ApiClient;
  readonly urls: { readonly platform: string; readonly predict: string; readonly tracking: string };
  /** For any SDK client. */
  readonly clientConfig: ClientConfig;
  readonly lambda: LambdaClient;
  readonly artifacts: ArtifactStore;
  readonly stateFolder: string;
  readonly effects: readonly TimedEffect[];
  /** Errors that the cloud logged about itself. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler: NonNullable<Cloud['memory']>['requestHandler'];
}

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const STAGE = 'local';

const memoryOf = ({ memory }: Cloud): NonNullable<Cloud['memory']> => {
  if (memory === undefined) throw new Error('a chaos run needs a cloud that runs by a seed');
  return memory;
};

const clientsOf = (cloud: Cloud) => {
  const memory = memoryOf(cloud);
  const clientConfig = {
    endpoint: cloud.endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    requestHandler: memory.requestHandler,
  };
  const urlOf = (name: string): string => (cloud.apis[`millrace-${STAGE}-${name}`] ?? '').replace(/\/$/, '');
  const urls = { platform: urlOf('platform'), predict: urlOf('predict'), tracking: urlOf('tracking') };
  const { ArtifactBucketName = '', DataBucketName = '' } = cloud.outputs[`Millrace-${STAGE}-data`] ?? {};
  const api = createApiClient(
    { region: REGION, ...CREDENTIALS },
    () => cloud.clock.nowMs(),
    async ({ pathname, search }, { method, headers, body }) => {
      const answer = await memory.send({ method, target: `${pathname}${search}`, headers, body: Buffer.from(body) });
      return readAnswer(answer.status, answer.body.toString('utf8'));
    },
  );
  const s3 = new S3Client({ ...clientConfig, forcePathStyle: true });
  return {
    clientConfig,
    urls,
    api,
    platform: createPlatform(api, urls),
    observer: createObserver({
      stage: STAGE,
      clientConfig,
      artifactBucket: ArtifactBucketName,
      dataBucket: DataBucketName,
    }),
    lambda: new LambdaClient(clientConfig),
    artifacts: createArtifactStore({ client: s3, bucket: ArtifactBucketName }),
  };
};

export const openSession = async (options: {
  readonly seed: number;
  readonly assemblyFolder: string;
  readonly startMs: number;
  readonly faults: FaultSource;
  readonly onEvent?: (line: string) => void;
}): Promise<ChaosSession> => {
  const { seed, assemblyFolder, startMs, faults, onEvent } = options;
  const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  const effects: TimedEffect[] = [];
  let nowMs = (): number => startMs;
  const problems: string[] = [];
  const cloud: Cloud = await startCloud({
    assemblyFolder,
    stateFolder,
    startMs,
    localImages: {
      [IMAGE]: createBoostedTreesImage((label, work) => cloud.clock.native(label, work)),
      [TRANSFER_IMAGE]: createTransferImage({
        requestHandler: () => memoryOf(cloud).requestHandler,
        native: (label, work) => cloud.clock.native(label, work),
      }),
    },
    // Warnings tell of faults that were planned; an error is the cloud's own.
    onProblem: (message) => {
      if (message.startsWith('{"level":"error"')) problems.push(message);
    },
    simulation: {
      seed,
      faults,
      onServed: (site, request, response) => {
        const atMs = nowMs();
        effects.push(...effectsOf(site, request, response).map((effect) => ({ ...effect, atMs })));
      },
      ...(onEvent ? { onEvent } : {}),
    },
  });
  nowMs = () => cloud.clock.nowMs();
  return {
    cloud,
    ...clientsOf(cloud),
    stateFolder,
    effects,
    problems,
    close: async () => {
      await cloud.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
};
