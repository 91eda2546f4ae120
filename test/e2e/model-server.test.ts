import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServableModel } from '../../shared/core/inference/index.ts';
import { type BenchModel, makeNetwork, makeTrees } from '../bench/serving-model.ts';
import { fuzzCount, type MalformedRequest, malformedRequest } from '../helpers/malformed-requests.ts';
import { copyModel, type ModelServer, modelFolder, readMetric, startModelServer } from '../helpers/model-server.ts';

/** The inference server as a process: many models under a small budget, and callers who mean it no good. */

const withoutMissing = ({ bytes, signature }: BenchModel): BenchModel => ({
  bytes,
  signature: { ...signature, inputs: signature.inputs.map((input) => ({ ...input, nullable: false })) },
});

const MODEL_COUNT = 30;
const BUDGET_MB = 4;
const trees = makeTrees(200);
/** It gives no number for a missing one, so it may say so. */
const network = withoutMissing(makeNetwork());
const names = Array.from({ length: MODEL_COUNT }, (_, i) => `trees-${i}`);

const inputs = trees.signature.inputs;
const bodyOf = (value: number, rowCount = 1): string =>
  JSON.stringify({
    inputs: inputs.map(({ name }) => ({
      name,
      shape: [rowCount, 1],
      datatype: 'FP32',
      data: new Array(rowCount).fill(value),
    })),
  });

const NETWORK = '{model="network",version="1"}';

let server: ModelServer;
let folder: string;

const infer = async (model: string, value = 0.5, { url } = server): Promise<{ status: number; output?: number }> => {
  const response = await fetch(`${url}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(value),
  });
  const answer = (await response.json()) as { readonly outputs?: readonly { readonly data: readonly number[] }[] };
  const output = answer.outputs?.[0]?.data[0];
  return { status: response.status, ...(output === undefined ? {} : { output }) };
};
const sum = (values: ReadonlyMap<string, number>): number => [...values.values()].reduce((a, b) => a + b, 0);

beforeAll(async () => {
  folder = modelFolder({ 'trees-0': trees, network, broken: Uint8Array.from([1, 2, 3]) });
  copyModel(folder, 'trees-0', names.slice(1));
  server = await startModelServer(folder, {
    HTTP_THREADS: '2',
    RUNNER_THREADS: '1',
    MODEL_BUDGET_MB: String(BUDGET_MB),
    MAX_IN_FLIGHT_MB: '1',
    REQUEST_TIMEOUT_MS: '1500',
    LOAD_TIMEOUT_MS: '5000',
  });
});
afterAll(() => server.stop());

describe('many models', () => {
  test('of those that are asked at once for a cold model, one has it loaded', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => infer('network')));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ output }) => output)).size).toBe(1);
    expect((await readMetric(server.url, 'millrace_model_loads')).get('{outcome="loaded"}')).toBe(1);
  });

  test('each answers although they do not fit together, and the budget holds', async () => {
    const taken: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(names.map((name) => infer(name)));
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(new Set(answers.map(({ output }) => output)).size).toBe(1);
      taken.push(sum(await readMetric(server.url, 'millrace_models_resident_bytes')));
    }

    expect(Math.max(...taken)).toBeLessThanOrEqual(BUDGET_MB * 2 ** 20);
    expect(sum(await readMetric(server.url, 'millrace_model_evictions'))).toBeGreaterThan(MODEL_COUNT);
  });

  test('a model that cannot be loaded is refused, is not tried again at once, and delays no other', async () => {
    const [broken, other] = await Promise.all([infer('broken'), infer('trees-1')]);
    expect([broken.status, other.status]).toEqual([503, 200]);

    const response = await fetch(`${server.url}/v2/models/broken`);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.text()).toContain('it is tried again in');
  });

  test('requests that wait for onnxruntime run together, and each gets its own rows', async () => {
    const alone = await infer('network', 0.25);
    const before = (await readMetric(server.url, 'nv_inference_exec_count')).get(NETWORK)!;
    const values = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 0.25 : 0.75));
    const answers = await Promise.all(values.map((value) => infer('network', value)));
    const runs = (await readMetric(server.url, 'nv_inference_exec_count')).get(NETWORK)! - before;

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    for (const [i, { output }] of answers.entries()) {
      if (i % 2 === 0) expect(output).toBeCloseTo(alone.output!, 6);
    }
    expect(answers[1]?.output).not.toBeCloseTo(alone.output!, 3);
    expect(runs).toBeLessThan(200);
  });

  test('what both threads count is one figure', async () => {
    const before = await readMetric(server.url, 'nv_inference_request_success');
    await Promise.all(Array.from({ length: 40 }, () => infer('trees-2')));
    const after = await readMetric(server.url, 'nv_inference_request_success');
    const key = '{model="trees-2",version="1"}';

    expect((after.get(key) ?? 0) - (before.get(key) ?? 0)).toBe(40);
  });
});

/** Bytes as they are, and what comes back until the other side closes or a while has passed. */
const rawExchange = async (bytes: string | Uint8Array, waitMs = 2_500): Promise<string> => {
  const socket = connect(server.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await Promise.race([once(socket, 'close'), sleep(waitMs)]);
  socket.destroy();
  return Buffer.concat(chunks).toString();
};
const head = (path: string, ...headers: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'host: server', 'content-type: application/json', ...headers, '', ''].join('\r\n');
const INFER = '/v2/models/trees-0/infer';

describe('callers', () => {
  test('a body that is announced too large is refused before it is read, a longer one while it is', async () => {
    const announced = await rawExchange(head(INFER, 'content-length: 99999999', 'connection: close'));
    expect(announced).toMatch(/^HTTP\/1.1 413 /);

    const large = 'x'.repeat(6 * 2 ** 20);
    const response = await fetch(`${server.url}${INFER}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect([413, 503]).toContain(response.status);
  });

  test('a compressed body is refused by name', async () => {
    const response = await fetch(`${server.url}${INFER}`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' },
      body: 'x',
    });
    expect([response.status, await response.text()]).toEqual([
      415,
      '{"error":"content-encoding gzip is not supported: send the body as it is"}',
    ]);
  });

  test('one who sends slowly is ended, and others are refused before the memory is full of them', async () => {
    const held: Socket[] = Array.from({ length: 4 }, () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      socket.write(head(INFER, 'content-length: 900000') + 'x'.repeat(800_000));
      return socket;
    });
    await sleep(300);
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const answer = await rawExchange(
          head(INFER, 'content-length: 700000', 'expect: 100-continue', 'connection: close'),
          600,
        );
        return answer.slice(9, 12);
      }),
    );
    expect(statuses).toContain('503');
    await Promise.all(held.map((socket) => (socket.destroyed ? undefined : once(socket, 'close'))));
    expect((await infer('trees-0')).status).toBe(200);
    expect(sum(await readMetric(server.url, 'millrace_http_bytes_in_flight'))).toBe(0);
  });

  test.each([
    ['noise', '\x00\xff\x16\x03\x01 nothing of HTTP\r\n\r\n'],
    ['a head without end', `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(4_000)}`],
    ['two lengths', head(INFER, 'content-length: 3', 'content-length: 5')],
    ['a length and chunks', head(INFER, 'content-length: 3', 'transfer-encoding: chunked')],
    ['a chunk of no length', `${head(INFER, 'transfer-encoding: chunked')}zz\r\n`],
    ['a negative length', head(INFER, 'content-length: -1')],
    ['an unknown method', 'BREW /v2 HTTP/1.1\r\nhost: server\r\n\r\n'],
  ])('%s is refused, and the next caller is answered', async (_, bytes) => {
    expect(await rawExchange(bytes)).toMatch(/^(HTTP\/1.1 4\d\d |$)/);
    expect((await infer('trees-0')).status).toBe(200);
  });
});

/** One request, as it is; undefined for one that no client would send, or whose connection the server closed. */
const sendAsIs = ({ method, path, headers, body }: MalformedRequest, agent: Agent): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    try {
      const options = { agent, port: server.port, method, path: encodeURI(path), headers, timeout: 20_000 };
      const asked = request(options, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      asked.on('error', () => resolve(undefined)).on('timeout', () => reject(new Error('no answer in 20 s')));
      asked.end(body);
    } catch {
      resolve(undefined);
    }
  });

// FUZZ=100000 npx vitest run test/e2e/model-server.test.ts -t malformed
test('malformed requests crash nothing, get no answer of ours but a reasoned one, and leave the memory flat', async () => {
  const models: readonly ServableModel[] = ['trees-0', 'network'].map((name) => ({
    name,
    version: '1',
    ...(name === 'network' ? network.signature : trees.signature),
    signature: name === 'network' ? network.signature : trees.signature,
    run: () => [],
  }));
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const count = fuzzCount(800);
  const statuses = new Map<number | undefined, number>();
  const resident = async (): Promise<number> => sum(await readMetric(server.url, 'process_resident_memory_bytes'));
  let next = 0;
  let warmBytes = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      if (next === Math.ceil(count / 4)) warmBytes = await resident();
      const status = await sendAsIs(malformedRequest(models, next), agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  agent.destroy();

  expect(server.log.filter((line) => line.includes('unexpectedly'))).toEqual([]);
  const ours = [...statuses.keys()].filter((status) => status !== undefined && status >= 500);
  expect(ours.filter((status) => status !== 503)).toEqual([]);
  expect(statuses.get(400) ?? 0).toBeGreaterThan(count / 10);
  expect(statuses.get(undefined) ?? 0).toBeLessThan(count / 10);
  expect(sum(await readMetric(server.url, 'millrace_http_bytes_in_flight'))).toBe(0);
  expect(sum(await readMetric(server.url, 'millrace_http_requests_in_flight'))).toBe(1);
  expect(await resident()).toBeLessThan(warmBytes + 100 * 2 ** 20);
  expect((await infer('trees-0')).status).toBe(200);
}, 3_600_000);

describe('a container that is told of its models', () => {
  const told = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${telling.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, answer: await response.json().catch(() => undefined) };
  };
  let telling: ModelServer;

  beforeAll(async () => {
    const env = { SAGEMAKER_MULTI_MODEL: 'true', HTTP_THREADS: '1', RUNNER_THREADS: '0', DRAIN_LIMIT_MS: '5000' };
    telling = await startModelServer(folder, env);
  });

  test('loads, lists, invokes and unloads them as SageMaker asks', async () => {
    const model = { model_name: 'a', url: join(folder, 'trees-0') };
    const listed = { modelName: 'a', modelUrl: model.url };
    expect((await told('POST', '/models/a/invoke', '{}')).status).toBe(404);
    expect(await told('POST', '/models', JSON.stringify(model))).toMatchObject({ status: 200, answer: listed });
    expect((await told('POST', '/models', JSON.stringify(model))).status).toBe(409);
    expect((await told('GET', '/models')).answer).toEqual({ models: [listed] });
    const rows = JSON.stringify({
      dataframe_split: { columns: inputs.map(({ name }) => name), data: [inputs.map(() => 0.5)] },
    });
    expect(await told('POST', '/models/a/invoke', rows)).toMatchObject({
      status: 200,
      answer: { predictions: [{ probability: expect.any(Number) }] },
    });

    expect((await told('DELETE', '/models/a')).status).toBe(200);
    expect((await told('POST', '/models/a/invoke', rows)).status).toBe(404);
    expect((await told('DELETE', '/models/a')).status).toBe(404);
    expect((await told('POST', '/models', JSON.stringify({ ...model, url: '/nowhere' }))).status).toBe(404);
    expect((await told('POST', '/models', JSON.stringify({ ...model, model_name: 'trees-0' }))).status).toBe(200);
  });

  test('answers what was begun when it is stopped, takes nothing new, and ends well', async () => {
    const body = bodyOf(0.5);
    const begun = connect(telling.port, '127.0.0.1');
    let answer = '';
    begun.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    begun.write(head(INFER, `content-length: ${body.length}`) + body.slice(0, 50));
    await sleep(100);

    const stopped = telling.stop();
    await expect.poll(() => telling.log.some((line) => line.includes('drains'))).toBe(true);
    await sleep(50);
    await expect(fetch(`${telling.url}/v2/health/ready`)).rejects.toThrow();
    begun.write(body.slice(50));

    expect(await stopped).toBe(0);
    expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close/i);
  });
});
