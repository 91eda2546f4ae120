import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedPost } from '../../../../shared/http/index.ts';

let server: Server;
let port: number;
const received: { readonly path: string | undefined; readonly headers: IncomingMessage['headers']; body: string }[] =
  [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ path: request.url, headers: request.headers, body });
    if (request.url === '/silent') return;
    if (request.url === '/redirect') response.writeHead(302, { location: '/followed' }).end();
    else response.writeHead(200).end('x'.repeat(100_000));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const loopback = { address: '127.0.0.1', family: 4 };
const message = (url: string) => ({ url, headers: { 'X-Test': 'yes' }, body: '{"é":1}' });

describe('a post to an allowed host', () => {
  const guarded = createGuardedPost({ mayConnect: () => false, allowedHosts: ['127.0.0.1'], timeoutMs: 300 });

  it('brings headers and body, and reads a bounded part of the answer', async () => {
    const result = await guarded.post(message(`http://127.0.0.1:${port}/path`));

    expect(result).toEqual({ kind: 'answered', status: 200, body: 'x'.repeat(16_384) });
    expect(received.at(-1)).toMatchObject({ path: '/path', headers: { 'x-test': 'yes' }, body: '{"é":1}' });
  });

  it('follows no redirect', async () => {
    expect(await guarded.post(message(`http://127.0.0.1:${port}/redirect`))).toMatchObject({ status: 302 });
    expect(received.map(({ path }) => path)).not.toContain('/followed');
  });

  it('gives up a receiver that is silent, and one that is not there', async () => {
    expect(await guarded.post(message(`http://127.0.0.1:${port}/silent`))).toEqual({
      kind: 'unreachable',
      reason: 'no answer within 300 ms',
    });
    expect(await guarded.post(message('http://127.0.0.1:1/'))).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' });
  });
});

describe('a post to any other host', () => {
  const asked: string[] = [];
  const guarded = createGuardedPost({
    mayConnect: (address) => address === '127.0.0.1',
    allowedHosts: ['allowed.example'],
    timeoutMs: 300,
    resolve: async (host) => {
      asked.push(host);
      if (host === 'gone.example') throw Object.assign(new Error('no such host'), { code: 'ENOTFOUND' });
      return host === 'split.example' ? [loopback, { address: '10.0.0.1', family: 4 }] : [loopback];
    },
  });

  it('is refused without TLS, and with an address that may not be reached, even beside one that may', async () => {
    expect(await guarded.post(message(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'refused' });
    expect(await guarded.post(message('https://10.0.0.1/'))).toMatchObject({ kind: 'refused' });
    expect(await guarded.post(message('https://[::1]/'))).toMatchObject({ kind: 'refused' });
    expect(await guarded.post(message('https://2130706433/'))).not.toMatchObject({ kind: 'answered' });
    expect(await guarded.post(message('https://split.example/'))).toEqual({
      kind: 'refused',
      reason: 'host split.example is not at a public address',
    });
  });

  it('connects to the address that was looked at, and looks once', async () => {
    asked.length = 0;

    // No resolver but ours knows the name: an answer comes only when the connection uses what ours said.
    const result = await guarded.post(message(`http://allowed.example:${port}/named`));

    expect(result).toMatchObject({ kind: 'answered', status: 200 });
    expect(asked).toEqual(['allowed.example']);
    expect(received.at(-1)?.headers.host).toBe(`allowed.example:${port}`);
  });

  it('tells of a name that stands for nothing', async () => {
    expect(await guarded.post(message('https://gone.example/'))).toEqual({ kind: 'unreachable', reason: 'ENOTFOUND' });
  });
});
