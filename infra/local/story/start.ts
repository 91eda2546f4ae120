import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Cloud, startCloud } from '../cloud.ts';
import { modelServerImage, readLocalImages } from '../jobs/local-images.ts';
import { createPageCalls } from '../pages/page-calls.ts';
import { type PageServer, servePages } from '../pages/serve-pages.ts';
import { createApiClient } from './api-client.ts';
import type { StartArguments } from './arguments.ts';
import { openSourceTables } from './flight-tables.ts';
import { gatherFacts } from './gather-facts.ts';
import { narrate } from './narrate.ts';
import { createObserver, type Observer } from './observer.ts';
import { createPlatform, type Platform } from './platform.ts';
import { createProgress, type Progress } from './progress.ts';
import { readDefinitions } from './read-definitions.ts';
import { STORY } from './schedule.ts';
import { takeStateLock } from './state-lock.ts';
import { flightDelay, type StoryContext, tellStory, welcomeNewModels } from './story.ts';
import { reportOf, type StoryFacts } from './story-facts.ts';
import { synthesise } from './synthesise.ts';
import { openTrackingAccess } from './tracking-access.ts';
import { exampleFeatures, welcome } from './welcome.ts';

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

/** Beside the cloud's own port, so that the address stays the same. */
const openPages = async (cloud: Cloud, port: number, progress: Progress): Promise<PageServer> => {
  const calls = createPageCalls({
    platformUrl: apiOf(cloud, 'platform'),
    region: REGION,
    key: KEY,
    nowMs: () => cloud.clock.nowMs(),
  });
  const pages = await servePages({ calls, port: port === 0 ? 0 : port + 1, onProblem: (what) => progress.stage(what) });
  progress.stage(`the models can be watched at ${pages.url}`);
  return pages;
};

const STATE_FOLDER = join(HOME, 'local');
const STORY_FOLDER = join(STATE_FOLDER, 'story');
const FACTS_FILE = join(STORY_FOLDER, 'facts.json');

const bringUp = async (args: StartArguments, progress: Progress) => {
  const assemblyFolder = join(HOME, 'cdk.out');
  await mkdir(STATE_FOLDER, { recursive: true });
  progress.stage('synthesising the CDK app, stage local');
  await rm(assemblyFolder, { recursive: true, force: true });
  await synthesise(STAGE, assemblyFolder);
  const definitions = readDefinitions(assemblyFolder);
  progress.stage(`bringing the template up: models ${definitions.map(({ name }) => name).join(', ')}`);
  const cloud = await startCloud({
    assemblyFolder,
    stateFolder: STATE_FOLDER,
    startMs: STORY.beginsAtMs,
    port: args.port,
    localImages: { ...modelServerImage(join(HOME, 'build')), ...readLocalImages(process.env.MILLRACE_LOCAL_IMAGES) },
    onProblem: (message) => progress.stage(`the cloud reports: ${message}`),
  });
  progress.stage(`the embedded cloud answers at ${cloud.endpoint}`);
  return { cloud, definitions };
};

/** The story as it was told before, if it was told whole. */
const readTold = async (): Promise<StoryFacts | undefined> => {
  try {
    return JSON.parse(await readFile(FACTS_FILE, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const tell = async (context: StoryContext, startedAt: number): Promise<StoryFacts> => {
  context.progress.stage('reading 3,000,000 flights of 2001 from vega-datasets; times to UTC');
  const tables = await openSourceTables(flightDelay(context), {
    folder: STORY_FOLDER,
    throughMs: STORY.knownThroughMs,
  });
  try {
    const totals = await tellStory(context, tables);
    context.progress.stage('scoring every version on all flights of February and March');
    const facts = await gatherFacts(context, { tables, totals }, startedAt);
    await writeFile(FACTS_FILE, JSON.stringify(facts));
    return facts;
  } finally {
    await tables.engine.close();
  }
};

/** Goes on with the story, or, when it was told before, only takes in the models that are new since. */
const tellOrRecall = async (context: StoryContext, startedAt: number): Promise<StoryFacts> => {
  const told = await readTold();
  if (told === undefined) return tell(context, startedAt);
  context.progress.stage('the story was told before; npm start -- --fresh tells it anew');
  await welcomeNewModels(context);
  return told;
};

/** Ctrl-C, or a polite kill. */
const interrupted = (): Promise<NodeJS.Signals> =>
  new Promise((resolveSignal) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolveSignal(signal));
  });

const showFacts = (told: StoryFacts, progress: Progress): void => {
  progress.print(narrate(told));
  progress.print(`\n  whole story in ${told.wallSeconds} s, peak ${told.peakRssMiB} MiB resident`);
  for (const problem of told.problems) progress.print(`  NOT AS IT SHOULD BE: ${problem}`);
};

/**
 * Brings the cloud up, tells the story, then stays up until it is interrupted (or ends, with `--once`).
 * @throws StateInUseError before anything is touched, when another start works on the same state.
 */
export const start = async (args: StartArguments): Promise<StartResult> => {
  const startedAt = performance.now();
  const progress = createProgress(process.stdout);
  const stop = interrupted();
  // Held to the very end of the process: an interrupted story's queries go on after this function.
  process.once('exit', takeStateLock(HOME));
  if (args.fresh) await rm(STATE_FOLDER, { recursive: true, force: true });
  await mkdir(STORY_FOLDER, { recursive: true });
  const { cloud, definitions } = await bringUp(args, progress);
  const session = openSession(cloud);
  const pages = await openPages(cloud, args.port, progress);
  try {
    const { platform, observer } = session;
    const { seed, flightsPerDay } = args;
    const context: StoryContext = {
      stage: STAGE,
      clock: cloud.clock,
      platform,
      observer,
      progress,
      definitions,
      folder: STORY_FOLDER,
      seed,
      flightsPerDay,
    };
    const told = await Promise.race([tellOrRecall(context, startedAt), stop]);
    if (typeof told === 'string') {
      progress.print('interrupted: the state is kept, the next start goes on from here');
      return { exitCode: 130 };
    }
    showFacts(told, progress);
    const result = { exitCode: told.complete ? 0 : 1, report: reportOf(told) };
    if (args.once) return result;
    cloud.clock.startWall();
    const example = await exampleFeatures(platform, observer);
    const urls = { predictUrl: apiOf(cloud, 'predict'), platformUrl: apiOf(cloud, 'platform') };
    const tracking = await openTrackingAccess({
      stage: STAGE,
      url: apiOf(cloud, 'tracking'),
      client: { endpoint: cloud.endpoint, region: REGION, credentials: { accessKeyId: KEY, secretAccessKey: KEY } },
      nowMs: cloud.clock.nowMs(),
    });
    progress.print(welcome({ endpoint: cloud.endpoint, pagesUrl: pages.url, ...urls, tracking, example }));
    await stop;
    cloud.clock.stopWall();
    return { ...result, exitCode: 0 };
  } finally {
    await pages.close();
    await session.close();
  }
};
