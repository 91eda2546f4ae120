import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Over TLS, against Node's own server, in a process that trusts its certificate and one that does not. */

const FOLDER = join(import.meta.dirname, '../../../../helpers/tls');
const CERTIFICATE = join(FOLDER, 'certificate.pem');

let server: Server;
let port = 0;
const connections: { readonly resumed: boolean; readonly protocol: string | false | null }[] = [];

beforeAll(async () => {
  server = createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(join(FOLDER, 'key.pem')) });
  server.on('secureConnection', (socket: TLSSocket) => {
    connections.push({ resumed: socket.isSessionReused(), protocol: socket.alpnProtocol });
  });
  server.on('request', (request, response) => {
    request.setEncoding('utf8');
    let heard = '';
    request.on('data', (text: string) => {
      heard += text;
    });
    // Every second answer ends the connection.
    request.on('end', () => {
      if (request.url?.endsWith('1')) response.setHeader('connection', 'close');
      response.end(`${heard} ${request.url}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const ask = (host: string, count: number, trusted: boolean): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const args = ['--dns-result-order=ipv4first', join(FOLDER, 'ask.ts'), `https://${host}:${port}`, String(count)];
    const env = { ...process.env, ...(trusted ? { NODE_EXTRA_CA_CERTS: CERTIFICATE } : {}) };
    execFile(process.execPath, args, { env }, (error, out) => (error ? reject(error) : resolve(JSON.parse(out))));
  });

describe('the client of a function over TLS', () => {
  it('keeps a connection, and goes on by the session of one that was closed', async () => {
    const answers = await ask('localhost', 3, true);

    expect(answers).toEqual([0, 1, 2].map((time) => ({ status: 200, body: `ping /${time}` })));
    expect(connections).toEqual([
      { resumed: false, protocol: 'http/1.1' },
      { resumed: true, protocol: 'http/1.1' },
    ]);
  });

  it('trusts no certificate that nobody vouches for, and none of another name', async () => {
    expect(await ask('localhost', 1, false)).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT']);
    expect(await ask('127.0.0.1', 1, true)).toEqual(['ERR_TLS_CERT_ALTNAME_INVALID']);
  });
});
