import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, describe, expect, it } from 'vitest';
import { createPutRecords } from '../../../../../shared/adapters/sigv4/put-records.ts';
import { createItemReader } from '../../../../../shared/adapters/sigv4/read-item.ts';
import { createObjectReader } from '../../../../../shared/adapters/sigv4/read-object.ts';
import { createSignedClient } from '../../../../../shared/adapters/sigv4/signed-client.ts';

const AT_MS = Date.UTC(2026, 10, 21, 12, 30, 45, 678);
const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'a-token',
  AWS_REGION: 'eu-central-1',
};

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (response: ServerResponse) => void;
const json =
  (status: number, body: object): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
const cut: Answer = (response) => response.destroy();

let close = (): void => {};
afterEach(() => close());

/** A service that gives these answers, the last of them again and again. */
const service = async (answers: readonly Answer[]) => {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    (answers[received.length - 1] ?? answers.at(-1))?.(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const slept: number[] = [];
  const client = createSignedClient({
    env: { ...KEYS, AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    nowMs: () => AT_MS,
    random: () => 0.5,
    sleep: async (ms) => void slept.push(ms),
  });
  return { client, received, slept };
};

/** What `@smithy/signature-v4` takes for its hashes. */
class Sha256 {
  private readonly state: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | Uint8Array) {
    this.state = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: string | Uint8Array): void {
    this.state.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.state.digest();
  }
  reset(): void {}
}

const UNSIGNED = new Set(['authorization', 'connection', 'content-length', 'amz-sdk-invocation-id', 'amz-sdk-request']);

/** The authorization that AWS's own library gives a request which was received. */
const expectedAuthorization = async ({ method, path, headers, body }: Received, signingName: string) => {
  const signer = new SignatureV4({
    service: signingName,
    region: KEYS.AWS_REGION,
    credentials: {
      accessKeyId: KEYS.AWS_ACCESS_KEY_ID,
      secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY,
      sessionToken: KEYS.AWS_SESSION_TOKEN,
    },
    sha256: Sha256 as never,
    uriEscapePath: signingName !== 's3',
  });
  const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => !UNSIGNED.has(name)));
  const request = { method, path, headers: signed, query: {}, body, protocol: 'http:', hostname: 'unused' };
  const signedAs = signer.sign(request as never, { signingDate: new Date(AT_MS) }) as unknown;
  const { headers: answer } = (await signedAs) as { readonly headers: Readonly<Record<string, string>> };
  return answer.authorization;
};

describe('a call', () => {
  it("is signed as AWS's own library signs it", async () => {
    const { client, received } = await service([json(200, { Item: { pk: { S: 'x' } } })]);

    await createItemReader(client)('a-table', { pk: 'model#ünï', sk: 'model' });
    await createObjectReader(client, 'bucket').get("models/a b/(c)'d*.onnx", '"etag"');
    await createPutRecords(client)('stream', [new TextEncoder().encode('{"a":1}\n')]);

    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /',
      'GET /bucket/models/a%20b/%28c%29%27d%2A.onnx',
      'POST /',
    ]);
    for (const [i, name] of ['dynamodb', 's3', 'firehose'].entries()) {
      const call = received[i] as Received;
      expect(call.headers.authorization, name).toBe(await expectedAuthorization(call, name));
    }
  });

  it('says what it asks for, and reads what is answered', async () => {
    const { client, received } = await service([json(200, { Item: { n: { N: '1.50' } } }), json(200, {})]);
    const readItem = createItemReader(client);

    expect(await readItem('a-table', { pk: 'p', sk: 's' })).toEqual({ n: { N: '1.50' } });
    expect(await readItem('a-table', { pk: 'p', sk: 't' })).toBeUndefined();
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      'x-amz-security-token': 'a-token',
    });
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      TableName: 'a-table',
      Key: { pk: { S: 'p' }, sk: { S: 's' } },
      ConsistentRead: true,
    });
  });

  it('names the records of a stream that were not taken', async () => {
    const answer = { FailedPutCount: 1, RequestResponses: [{ RecordId: '1' }, { ErrorCode: 'ServiceUnavailable' }] };
    const { client, received } = await service([json(200, answer), json(200, { FailedPutCount: 0 })]);
    const put = createPutRecords(client);
    const line = new TextEncoder().encode('xy{"a":1}\n').subarray(2);

    expect(await put('stream', [line, line])).toEqual([undefined, 'ServiceUnavailable']);
    expect(await put('stream', [line])).toEqual([]);
    expect(JSON.parse(received[1]?.body ?? '')).toEqual({
      DeliveryStreamName: 'stream',
      Records: [{ Data: Buffer.from('{"a":1}\n').toString('base64') }],
    });
  });

  it.each([2, 70_000])('gives an object of %i bytes, whether its length is announced or not', async (sizeBytes) => {
    const bytes = new Uint8Array(sizeBytes).map((_, i) => i);
    const announced: Answer = (response) => response.writeHead(200, { 'content-length': sizeBytes }).end(bytes);
    const chunked: Answer = (response) => {
      response.writeHead(200);
      response.write(bytes, () => response.end());
    };
    const { client } = await service([announced, chunked]);
    const { get } = createObjectReader(client, 'bucket');

    expect(new Uint8Array(await get('a'))).toEqual(bytes);
    expect(new Uint8Array(await get('a'))).toEqual(bytes);
  });
});

describe('a call that fails', () => {
  const SLOW_DOWN: Answer = (response) =>
    response
      .writeHead(503)
      .end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
  const HALF: Answer = (response) => {
    response.writeHead(200, { 'content-length': 10 }).write('12345', () => response.destroy());
  };

  it('is made again after a wait that doubles, signed anew but as the same call', async () => {
    const { client, received, slept } = await service([cut, SLOW_DOWN, (response) => response.end('ok')]);

    expect(new TextDecoder().decode(await createObjectReader(client, 'bucket').get('a'))).toBe('ok');
    expect(slept).toEqual([50, 500]);
    expect(new Set(received.map(({ headers }) => headers['amz-sdk-invocation-id'])).size).toBe(1);
    expect(received.map(({ headers }) => headers['amz-sdk-request'])).toEqual([
      'attempt=1; max=3',
      'attempt=2; max=3',
      'attempt=3; max=3',
    ]);
  });

  it.each([
    ['a throttle', json(400, { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' })],
    ['a fault of the service', json(500, { __type: 'InternalServerError', message: 'no' })],
    ['a connection that breaks', cut],
  ])('three times by %s is told of as the service being unavailable', async (_, answer) => {
    const { client, received } = await service([answer]);

    await expect(createItemReader(client)('t', { pk: 'p', sk: 's' })).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringContaining('DynamoDB is not available: '),
    });
    expect(received).toHaveLength(3);
  });

  it('in the middle of an object is made again, and never gives half of it', async () => {
    const { client, received } = await service([HALF]);

    await expect(createObjectReader(client, 'bucket').get('a')).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(received).toHaveLength(3);
  });

  it('by the caller’s own fault is not made again', async () => {
    const { client, received } = await service([
      json(400, { __type: 'AccessDeniedException', message: 'not allowed' }),
      (response) => response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>'),
      (response) => response.writeHead(412).end(),
    ]);
    const { get } = createObjectReader(client, 'bucket');

    await expect(createItemReader(client)('t', { pk: 'p', sk: 's' })).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'not allowed',
    });
    await expect(get('gone')).rejects.toMatchObject({ name: 'NotFoundError', message: 'object gone does not exist' });
    await expect(get('new', '"old"')).rejects.toMatchObject({ name: 'ConflictError' });
    expect(received).toHaveLength(3);
  });

  it('for want of credentials names them, and reaches nobody', async () => {
    const { client, received } = await service([json(200, {})]);
    const bare = createSignedClient({
      env: { ...client.env, AWS_SECRET_ACCESS_KEY: '' },
      nowMs: () => AT_MS,
      random: Math.random,
      sleep: async () => {},
    });

    await expect(createItemReader(bare)('t', { pk: 'p', sk: 's' })).rejects.toThrow(
      'environment variables are missing: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY',
    );
    expect(received).toHaveLength(0);
  });
});

describe('calls that are on their way', () => {
  it('are told of when they have been written, before they are answered', async () => {
    let answered = false;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { client, received } = await service([
      (response) => void released.then(() => response.writeHead(200).end('late')),
    ]);
    const reading = createObjectReader(client, 'bucket')
      .get('key')
      .then(() => {
        answered = true;
      });

    await client.sent();
    expect(answered).toBe(false);
    await expect.poll(() => received.length).toBe(1);
    release();
    await reading;
  });

  it('are none when nothing was called, and when a call has failed', async () => {
    const { client } = await service([json(400, { __type: 'ValidationException', message: 'no' })]);

    await client.sent();
    await createItemReader(client)('table', { pk: 'a', sk: 'b' }).catch(() => undefined);
    await client.sent();
  });

  it('that never reach a connection hold nobody up', async () => {
    const env = { ...KEYS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const client = createSignedClient({ env, nowMs: () => AT_MS, sleep: async () => undefined });
    const failing = createObjectReader(client, 'bucket').get('key');
    failing.catch(() => undefined);

    await client.sent();
    await expect(failing).rejects.toThrow('ECONNREFUSED');
  });
});
