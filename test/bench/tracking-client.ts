import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CloudFigures, costLine } from './cloud-figures.ts';
import { percentileLine } from './percentiles.ts';

/** Calls of the tracking API as its own clients make them: JSON over kept connections, with a token. */

const DRIVER = join(import.meta.dirname, 'tracking-cloud.ts');

export interface TrackingBench {
  /** @throws for any status but 200. */
  readonly call: (method: 'GET' | 'POST', path: string, message: object) => Promise<never>;
  /** Seconds that `count` calls of `work` take, at most `parallel` at once. */
  readonly timed: (count: number, parallel: number, work: (index: number) => Promise<unknown>) => Promise<number>;
  /** As `timed`, and says how long calls took and what one cost the cloud. */
  readonly priced: TrackingBench['timed'];
  /** @returns the new experiment's id. */
  readonly experiment: () => Promise<string>;
  /** @returns the new run's id. */
  readonly run: (experimentId: string, more?: object) => Promise<string>;
  readonly aws: { readonly endpoint: string; readonly table: string };
}

const queryOf = (message: object): string =>
  new URLSearchParams(
    Object.entries(message).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();

const open = (url: string, token: string): TrackingBench['call'] => {
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${token}` };
  return (method, path, message) =>
    new Promise((resolve, reject) => {
      const body = method === 'POST' ? JSON.stringify(message) : undefined;
      const target = `${url}/api/2.0/mlflow/${path}${body === undefined ? `?${queryOf(message)}` : ''}`;
      const sent = request(
        target,
        { agent, method, headers: { ...headers, ...(body && { 'content-type': 'application/json' }) } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            if (response.statusCode === 200) resolve(JSON.parse(text) as never);
            else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${text.slice(0, 300)}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
};

let serial = 0;

const timed: TrackingBench['timed'] = async (count, parallel, work) => {
  const startMs = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return (performance.now() - startMs) / 1_000;
};

/** Starts a cloud for as long as this process lives; of an assembly made before, if one is given. */
export const startTracking = async (assemblyFolder?: string): Promise<TrackingBench> => {
  const child = spawn(process.execPath, [DRIVER, ...(assemblyFolder === undefined ? [] : [assemblyFolder])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  let answered = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => line.startsWith('{') && answered.resolve(line));
  child.once('exit', (code) => answered.reject(new Error(`the cloud ended with ${code}`)));
  const announced = await answered.promise;
  // From here on the measurement keeps the process alive, not its cloud.
  child.unref();
  // Pipes of a child are sockets, whatever their types say.
  const [input, output] = [child.stdin, child.stdout] as unknown as readonly [Socket, Socket];
  input.unref();
  output.unref();
  const { url, token, endpoint, table } = JSON.parse(announced) as Record<
    'url' | 'token' | 'endpoint' | 'table',
    string
  >;
  const call = open(url, token);
  const figures = async (): Promise<CloudFigures> => {
    answered = Promise.withResolvers();
    output.ref();
    input.write('\n');
    const told = await answered.promise;
    output.unref();
    return JSON.parse(told) as CloudFigures;
  };
  return {
    call,
    timed,
    priced: async (count, parallel, work) => {
      const before = await figures();
      const times: number[] = [];
      const seconds = await timed(count, parallel, async (index) => {
        const startMs = performance.now();
        await work(index);
        times.push(performance.now() - startMs);
      });
      const cost = costLine(before, await figures(), count);
      console.error(`${percentileLine(times)}, ${cost} (load of the machine ${loadavg()[0]?.toFixed(1)})`);
      return seconds;
    },
    experiment: async () => {
      serial += 1;
      const created: { experiment_id: string } = await call('POST', 'experiments/create', {
        name: `bench ${process.pid} ${performance.now()} ${serial}`,
      });
      return created.experiment_id;
    },
    run: async (experiment_id, more = {}) => {
      const created: { run: { info: { run_id: string } } } = await call('POST', 'runs/create', {
        experiment_id,
        start_time: 1_000_000 + serial++,
        ...more,
      });
      return created.run.info.run_id;
    },
    aws: { endpoint, table },
  };
};
