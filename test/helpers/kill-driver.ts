import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { startTestCloud } from './local-cloud.ts';

/**
 * A cloud in a process of its own, for a test that kills it. It goes on from the state folder, asks for a training if
 * told to, drives the clock to a place and stands there; each step is one JSON line on the standard output.
 */
export interface DriverPlan {
  readonly assemblyFolder: string;
  readonly stateFolder: string;
  readonly localImages?: Readonly<Record<string, readonly string[]>>;
  /** Models to ask a training for. */
  readonly train: readonly string[];
  /** Trainings that a kill left end before: what a new one does is not taken for what they do. @default false */
  readonly endFirst?: boolean;
  /** Time leaps on by days, or until traffic of a model is shared between two versions and then stands. */
  readonly driveTo: 'the end' | { readonly canaryOf: string };
  /**
   * Freezes the whole cloud at an exact point of its life: when requests matching these patterns came one after the
   * other, before the last of them is looked at (`received`) or once its answer is sent (`answered`). A pattern is
   * matched against `<method> <path> <x-amz-target>`.
   */
  readonly freeze?: { readonly after: readonly string[]; readonly when: 'received' | 'answered' };
}

export interface DriverLine {
  readonly at: 'started' | 'standing' | 'frozen';
  readonly endpoint?: string;
  readonly platformUrl?: string;
  readonly predictUrl?: string;
  readonly nowMs?: number;
}

/** A killed test leaves no process behind. */
const LONGEST_LIFE_MS = 60_000;

const tell = (line: DriverLine): void => {
  writeSync(1, `${JSON.stringify(line)}\n`);
};

const describe = ({ method, url, headers }: IncomingMessage): string =>
  `${method} ${url} ${headers['x-amz-target'] ?? ''}`;

/** Nothing of this thread runs from here on; the functions' threads get no answer any more. */
const freeze = (): never => {
  tell({ at: 'frozen' });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LONGEST_LIFE_MS);
  process.exit(1);
};

const freezeAt = ({ after, when }: NonNullable<DriverPlan['freeze']>): void => {
  const patterns = after.map((pattern) => new RegExp(pattern));
  let matched = 0;
  let last: IncomingMessage | undefined;
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { readonly request: IncomingMessage };
    if (last !== undefined || !patterns[matched]?.test(describe(request))) return;
    matched += 1;
    if (matched < patterns.length) return;
    last = request;
    if (when === 'received') freeze();
  });
  subscribe('http.server.response.finish', (message) => {
    if ((message as { readonly request: IncomingMessage }).request === last) freeze();
  });
};

const run = async (plan: DriverPlan): Promise<void> => {
  const { assemblyFolder, stateFolder, localImages, driveTo } = plan;
  if (plan.freeze) freezeAt(plan.freeze);
  const test = await startTestCloud({ assemblyFolder, stateFolder, ...(localImages ? { localImages } : {}) });
  const { cloud, observer, platform, platformUrl, predictUrl } = test;
  const where = () => ({ endpoint: cloud.endpoint, platformUrl, predictUrl, nowMs: cloud.clock.nowMs() });
  tell({ at: 'started', ...where() });
  if (plan.endFirst === true)
    await test.until('the trainings that were left have ended', async () =>
      (await observer.executions(/^train-/)).every(({ status }) => status !== 'RUNNING'),
    );
  for (const model of plan.train) await platform.requestTraining(model, 'once more');
  if (driveTo === 'the end') await cloud.clock.advanceBy(2 * DAY_MS);
  else await test.until('a canary', async () => Object.keys(await observer.liveWeights(driveTo.canaryOf)).length === 2);
  tell({ at: 'standing', ...where() });
};

setTimeout(() => process.exit(1), LONGEST_LIFE_MS);
await run(JSON.parse(process.argv[2] ?? '{}') as DriverPlan);
