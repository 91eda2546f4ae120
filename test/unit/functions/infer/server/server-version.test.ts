import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readServerVersion } from '../../../../../functions/infer/server/server-version.ts';

let origin = '';
const server = createServer((request, response) => {
  response.writeHead(request.url === '/v4/t/task' ? 200 : 404).end(JSON.stringify({ Family: 'f', Revision: '7' }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

test('the version of a task is the revision that ECS tells it, and elsewhere what a variable says', async () => {
  expect(await readServerVersion({ ECS_CONTAINER_METADATA_URI_V4: `${origin}/v4/t` })).toBe('7');
  expect(await readServerVersion({ SERVER_VERSION: '3', ECS_CONTAINER_METADATA_URI_V4: `${origin}/v4/t` })).toBe('3');
  expect(await readServerVersion({})).toBeUndefined();
});

test('a server whose version is not told serves all the same, and says so', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  expect(await readServerVersion({ ECS_CONTAINER_METADATA_URI_V4: 'http://127.0.0.1:9/v4/t' })).toBeUndefined();

  expect(said.mock.calls.flat().join()).toContain('the version of this server is not known');
  said.mockRestore();
});
