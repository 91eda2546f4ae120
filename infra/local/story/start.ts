import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { type Cloud, startCloud } from '../cloud.ts';
import { createApiClient } from './api-client.ts';
import type { StartArguments } from './arguments.ts';
import { gatherFacts } from './gather-facts.ts';
import { narrate } from './narrate.ts';
import { createObserver, type Observer } from './observer.ts';
import { createPlatform, type Platform } from './platform.ts';
import { createProgress, type Progress } from './progress.ts';
import { readDefinitions } from './read-definitions.ts';
import { STORY } from './schedule.ts';
import { type StoryContext, tellStory } from './story.ts';
import { reportOf, type StoryFacts } from './story-facts.ts';
import { synthesise } from './synthesise.ts';
import { welcome } from './welcome.ts';

const STAGE = 'local';
const HOME = resolve('.millrace');
const REGION = 'us-east-1';
/** The laptop's user. */
const KEY = 'local';

export interface StartResult {
  readonly exitCode: number;
  readonly report?: ReturnType<typeof reportOf>;
}

const outputOf = (cloud: Cloud, stack: string, key: string): string => {
  const value = cloud.outputs[`Millrace-${STAGE}-${stack}`]?.[key];
  if (value === undefined) throw new Error(`stack ${stack} has no output ${key}`);
  return value;
};

const apiOf = (cloud: Cloud, name: string): string => {
  const url = cloud.apis[`millrace-${STAGE}-${name}`];
  if (url === undefined) throw new Error(`no API ${name} among ${Object.keys(cloud.apis).join(', ')}`);
  return url.replace(/\/$/, '');
};

interface Session {
  readonly cloud: Cloud;
  readonly platform: Platform;
  readonly observer: Observer;
  close(): Promise<void>;
}

const openSession = (cloud: Cloud): Session => {
  const credentials = { accessKeyId: KEY, secretAccessKey: KEY };
  const api = createApiClient({ region: REGION, ...credentials }, () => cloud.clock.nowMs());
  const observer = createObserver({
    stage: STAGE,
    clientConfig: { endpoint: cloud.endpoint, region: REGION, credentials },
    artifactBucket: outputOf(cloud, 'data', 'ArtifactBucketName'),
    dataBucket: outputOf(cloud, 'data', 'DataBucketName'),
  });
  return {
    cloud,
    platform: createPlatform(api, { platform: apiOf(cloud, 'platform'), predict: apiOf(cloud, 'predict') }),
    observer,
    async close() {
      api.close();
      observer.close();
      await cloud.stop();
    },
  };
};

const bringUp = async (args: StartArguments, progress: Progress) => {
  const stateFolder = join(HOME, 'local');
  const assemblyFolder = join(HOME, 'cdk.out');
  if (args.fresh) await rm(stateFolder, { recursive: true, force: true });
  await mkdir(stateFolder, { recursive: true });
  progress.stage('synthesising the CDK app, stage local');
  await rm(assemblyFolder, { recursive: true, force: true });
  await synthesise(STAGE, assemblyFolder);
  const definitions = readDefinitions(assemblyFolder);
  progress.stage(`bringing the template up: models ${definitions.map(({ name }) => name).join(', ')}`);
  const cloud = await startCloud({ assemblyFolder, stateFolder, startMs: STORY.beginsAtMs, port: args.port });
  progress.stage(`the embedded cloud answers at ${cloud.endpoint}`);
  return { cloud, definitions, storyFolder: join(stateFolder, 'story') };
};

const tell = async (
  session: Session,
  definitions: readonly ModelDefinition[],
  folder: string,
  args: StartArguments,
  progress: Progress,
  startedAt: number,
): Promise<StoryFacts> => {
  await mkdir(folder, { recursive: true });
  const { platform, observer, cloud } = session;
  const { seed, flightsPerDay } = args;
  const context: StoryContext = {
    stage: STAGE,
    clock: cloud.clock,
    platform,
    observer,
    progress,
    definitions,
    folder,
    seed,
    flightsPerDay,
  };
  const { tables, totals } = await tellStory(context);
  try {
    progress.stage('scoring every version on all flights of February and March');
    return await gatherFacts(context, { tables, totals }, startedAt);
  } finally {
    await tables.engine.close();
  }
};

/** Ctrl-C, or a polite kill. */
const interrupted = (): Promise<NodeJS.Signals> =>
  new Promise((resolveSignal) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolveSignal(signal));
  });

/** Brings the cloud up, tells the story, then stays up until it is interrupted (or ends, with `--once`). */
export const start = async (args: StartArguments): Promise<StartResult> => {
  const startedAt = performance.now();
  const progress = createProgress(process.stdout);
  const stop = interrupted();
  const { cloud, definitions, storyFolder } = await bringUp(args, progress);
  const session = openSession(cloud);
  try {
    const told = await Promise.race([tell(session, definitions, storyFolder, args, progress, startedAt), stop]);
    if (typeof told === 'string') {
      progress.print('interrupted: the state is kept, the next start goes on from here');
      return { exitCode: 130 };
    }
    progress.print(narrate(told));
    progress.print(`\n  whole story in ${told.wallSeconds} s, peak ${told.peakRssMiB} MiB resident`);
    for (const problem of told.problems) progress.print(`  NOT AS IT SHOULD BE: ${problem}`);
    const result = { exitCode: told.complete ? 0 : 1, report: reportOf(told) };
    if (args.once) return result;
    cloud.clock.startWall();
    progress.print(await welcome(session.cloud, apiOf(cloud, 'predict'), apiOf(cloud, 'platform'), definitions));
    await stop;
    cloud.clock.stopWall();
    return { ...result, exitCode: 0 };
  } finally {
    await session.close();
  }
};
