import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { startModelServer } from '../helpers/model-server.ts';

/** Loads a server of inference by wrk, and tells what it answered and what that cost. */

export interface Load {
  readonly path: string;
  readonly body: string;
  readonly connections: number;
}

export interface Target {
  readonly url: string;
  readonly pid: number;
  stop(): void;
}

const WARM_UP_SECONDS = 5;
const SECONDS = 5;
/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** @throws Error where wrk is not installed. */
export const requireWrk = (): void => {
  if (spawnSync('wrk', ['-v']).error !== undefined) {
    throw new Error("wrk is not installed: this row needs Debian's package of that name (apt-get install wrk)");
  }
};

const cpuSeconds = (pid: number): number => {
  // After the name, which may hold spaces: the fields from the third on (proc_pid_stat(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

const figure = (text: string, pattern: RegExp): string => {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`wrk said nothing like ${pattern}: ${text}`);
  return found;
};

const wrk = async ({ url }: Target, { path, body, connections }: Load, seconds: number): Promise<string> => {
  const script = join(mkdtempSync(join(tmpdir(), 'wrk-')), 'post.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.headers["content-type"] = "application/json"\nwrk.body = [==[${body}]==]\n`,
  );
  const options = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}`,
    '--timeout',
    '20s',
    '--latency',
    '-s',
    script,
    `${url}${path}`,
  ];
  const { stdout } = await promisify(execFile)('wrk', options);
  const refused = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(stdout);
  if (refused !== null) throw new Error(`not every request was answered: ${refused[0]}`);
  return stdout;
};

/** @returns answers per second; what they cost and how long they took is said on standard error. */
export const measureLoad = async (name: string, target: Target, load: Load): Promise<number> => {
  await wrk(target, load, WARM_UP_SECONDS);
  const before = cpuSeconds(target.pid);
  const told = await wrk(target, load, SECONDS);
  const answers = Number(figure(told, /(\d+) requests in/));
  const microseconds = Math.round(((cpuSeconds(target.pid) - before) * 1e6) / answers);
  const [p50, p99] = [figure(told, /50%\s+(\S+)/), figure(told, /99%\s+(\S+)/)];
  console.error(`  ${name}: ${microseconds} µs of processor a request, p50 ${p50}, p99 ${p99}`);
  return Number(figure(told, /Requests\/sec:\s+([\d.]+)/));
};

export const startPlatform = async (folder: string, env: Readonly<Record<string, string>> = {}): Promise<Target> => {
  const { url, process: child } = await startModelServer(folder, env);
  return { url, pid: child.pid ?? 0, stop: () => child.kill('SIGKILL') };
};

/** The plain server of one model. */
export const startPlain = async (modelFile: string): Promise<Target> => {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'plain-onnx-server.ts'), modelFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('the plain server has no output');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { port } = JSON.parse(line) as { readonly port: number };
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => child.kill('SIGKILL') };
};
