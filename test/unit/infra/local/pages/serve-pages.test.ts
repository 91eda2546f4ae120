import { request } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { PageAnswer } from '../../../../../infra/local/pages/page-calls.ts';
import { type PageServer, servePages } from '../../../../../infra/local/pages/serve-pages.ts';

const PAGE: PageAnswer = {
  status: 200,
  contentType: 'text/html; charset=utf-8',
  contentPolicy: "default-src 'none'; script-src 'sha256-x'",
  text: '<h1>toy</h1>',
};

let server: PageServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const open = async (get: (path: string) => Promise<PageAnswer> = async () => PAGE) => {
  const asked: string[] = [];
  const problems: string[] = [];
  server = await servePages({
    calls: {
      get: async (path) => {
        asked.push(path);
        return get(path);
      },
      close: () => {},
    },
    port: 0,
    onProblem: (message) => problems.push(message),
  });
  const { url } = server;
  /** Not by `fetch`, which sets the host itself and tidies paths. */
  const ask = (path: string, { method = 'GET', host = new URL(url).host } = {}) =>
    new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; text: string }>(
      (resolve, reject) => {
        const { hostname, port } = new URL(url);
        const outgoing = request({ hostname, port, path, method, headers: { host } }, (incoming) => {
          let text = '';
          incoming.on('data', (chunk) => {
            text += chunk;
          });
          incoming.on('end', () => resolve({ status: incoming.statusCode, headers: incoming.headers, text }));
        });
        outgoing.on('error', reject);
        outgoing.end();
      },
    );
  return { ask, asked, problems, url };
};

describe('the server of the pages', () => {
  it('listens on the loopback interface and answers what the platform API answers, with its policy', async () => {
    const { ask, asked, url } = await open();

    const { status, headers, text } = await ask('/pages/toy?format=html');

    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect({ status, text, asked }).toEqual({ status: 200, text: '<h1>toy</h1>', asked: ['/pages/toy?format=html'] });
    expect(headers).toMatchObject({
      'content-security-policy': PAGE.contentPolicy,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it('leads from its root to the page of all models', async () => {
    const { ask, asked } = await open();

    expect(await ask('/')).toMatchObject({ status: 302, headers: { location: '/pages' } });
    expect(asked).toEqual([]);
  });

  it.each([
    ['POST', '/models/toy/train', undefined, 405],
    ['GET', '/lineage/run/x', undefined, 404],
    ['GET', '/pagesandmore', undefined, 404],
    ['GET', '/pages', 'elsewhere.test', 403],
    ['GET', '/pages', '127.0.0.1.elsewhere.test:80', 403],
  ] as const)('asks nothing of the API for %s %s of %s', async (method, path, host, status) => {
    const { ask, asked } = await open();

    expect(await ask(path, { method, ...(host === undefined ? {} : { host }) })).toMatchObject({ status });
    expect(asked).toEqual([]);
  });

  it('says so when the cloud does not answer, and goes on', async () => {
    const { ask, problems } = await open(async (path) => {
      if (path === '/pages') throw new Error('socket hang up');
      return PAGE;
    });

    expect(await ask('/pages')).toMatchObject({ status: 502 });
    expect(await ask('/pages/toy')).toMatchObject({ status: 200 });
    expect(problems).toEqual(['a page was not answered: Error: socket hang up']);
  });

  it('takes another port where its own is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const { port } = other.address() as { readonly port: number };

    server = await servePages({ calls: { get: async () => PAGE, close: () => {} }, port, onProblem: () => {} });

    expect(server.url).not.toContain(`:${port}/`);
    expect((await fetch(`${server.url}pages`)).status).toBe(200);
    other.close();
  });
});
