import { join } from 'node:path';
import { LOCAL_SERVER_IMAGE } from '../../../shared/contracts/names.ts';
import { AwsError } from '../contracts.ts';

/** What a program that stands for an image is told when it runs in this process. */
export interface InProcessJob {
  /** Folder that stands for `/opt/ml`, or for the container's working folder where the job has no such mount. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
  /** Aborted when the job is to stop. */
  readonly signal: AbortSignal;
  /** A line of output. */
  readonly print: (line: string) => void;
  /** Lets so much virtual time pass. Rejects when the job is to stop. */
  readonly wait: (ms: number) => Promise<void>;
}

/** A command, run as a child process; or a function of this process, as a simulation needs it, which gives the exit code. */
export type LocalImage = readonly string[] | ((job: InProcessJob) => Promise<number>);

/** Image URI → what stands for it on this machine. */
export type LocalImages = Readonly<Record<string, LocalImage>>;

const NODE_MODULES = join(import.meta.dirname, '../../../node_modules');

/** The model server from its bundle; what it leaves to native libraries comes from the repository's packages. */
export const modelServerImage = (bundlesFolder: string): LocalImages => {
  const server = join(bundlesFolder, 'infer-server/server.js');
  return { [LOCAL_SERVER_IMAGE]: ['env', `NODE_PATH=${NODE_MODULES}`, process.execPath, server] };
};

/** Reads `MILLRACE_LOCAL_IMAGES`, a JSON object of image URI → command. */
export const readLocalImages = (text: string | undefined): LocalImages => {
  if (text === undefined || text === '') return {};
  const wrong = (why: string): Error =>
    new Error(`MILLRACE_LOCAL_IMAGES must be a JSON object of image URI → command array: ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`got ${text.slice(0, 100)}`);
  for (const [image, command] of Object.entries(value)) {
    const isCommand = Array.isArray(command) && command.length > 0 && command.every((part) => typeof part === 'string');
    if (!isCommand) throw wrong(`${image} is ${JSON.stringify(command)}`);
  }
  return value as LocalImages;
};

/** There is no container runtime here: an image runs if somebody said what stands for it. */
export const requireImage = (images: LocalImages, image: string): LocalImage => {
  const found = images[image];
  if (found) return found;
  const known = Object.keys(images);
  const list = known.length === 0 ? 'none is given' : `known are ${known.join(', ')}`;
  throw new AwsError(
    'CannotPullContainerError',
    `CannotPullContainerError: image ${image} has no local command in MILLRACE_LOCAL_IMAGES: ${list}`,
  );
};
