import { createHash, createHmac } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { createPresigner, presignUrl } from '../../../../../shared/adapters/s3/presign.ts';
import { fc } from '../../../../helpers/properties.ts';

const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const AT_MS = Date.UTC(2013, 4, 24);

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

describe('a presigned URL', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  it('has the signature of the published example', () => {
    const url = presignUrl({
      method: 'GET',
      origin: 'https://examplebucket.s3.amazonaws.com',
      path: '/test.txt',
      region: 'us-east-1',
      credentials: KEYS,
      atMs: AT_MS,
      validSeconds: 86_400,
    });

    expect(url).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  it("signs whatever query, port and token as AWS's own library does", async () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET' as const, 'PUT' as const),
        fc.constantFrom('127.0.0.1:4566', 'b.s3.eu-central-1.amazonaws.com'),
        fc.dictionary(fc.constantFrom('uploadId', 'partNumber', 'response-content-disposition'), word),
        fc.option(word, { nil: undefined }),
        async (method, host, query, sessionToken) => {
          const [hostname = '', port] = host.split(':');
          const credentials = { ...KEYS, ...(sessionToken === undefined ? {} : { sessionToken }) };
          const signer = new SignatureV4({
            service: 's3',
            region: 'eu-central-1',
            credentials,
            sha256: Sha256 as never,
            uriEscapePath: false,
            applyChecksum: false,
          });
          const request = {
            method,
            protocol: 'https:',
            hostname,
            ...(port === undefined ? {} : { port: Number(port) }),
            path: '/bucket/a%20b',
            query,
            headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
          };

          const theirs = await signer.presign(request as never, {
            expiresIn: 60,
            signingDate: new Date(AT_MS),
            unhoistableHeaders: new Set(['x-amz-content-sha256']),
            unsignableHeaders: new Set(['x-amz-content-sha256']),
          });
          const ours = presignUrl({
            method,
            origin: `https://${host}`,
            path: '/bucket/a%20b',
            query,
            region: 'eu-central-1',
            credentials,
            atMs: AT_MS,
            validSeconds: 60,
          });

          expect(new URL(ours).searchParams.get('X-Amz-Signature')).toBe(theirs.query?.['X-Amz-Signature']);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the presigner of a client', () => {
  const presignerOf = (client: S3Client) => createPresigner({ client, bucket: 'artifacts', nowMs: () => AT_MS + 999 });
  const object = { method: 'GET' as const, key: "a/b c/ü+(1)'.txt", validSeconds: 300 };

  it("addresses AWS by the bucket's own host", async () => {
    const presign = presignerOf(new S3Client({ region: 'eu-central-1', credentials: KEYS }));

    const [url = ''] = await presign([object]);

    expect(url.split('?')[0]).toBe('https://artifacts.s3.eu-central-1.amazonaws.com/a/b%20c/%C3%BC%2B%281%29%27.txt');
    expect(new URL(url).searchParams.get('X-Amz-Credential')).toContain('/20130524/eu-central-1/s3/');
    expect(new URL(url).searchParams.get('X-Amz-Date')).toBe('20130524T000000Z');
  });

  it('addresses an endpoint with a port by path, and carries the session token', async () => {
    const presign = presignerOf(
      new S3Client({
        region: 'us-east-1',
        endpoint: 'http://127.0.0.1:4566',
        credentials: { ...KEYS, sessionToken: 'tok/en=' },
      }),
    );

    const [url = ''] = await presign([object]);

    expect(url.split('/a/')[0]).toBe('http://127.0.0.1:4566/artifacts');
    expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe('tok/en=');
  });

  it('signs with the credentials of the moment', async () => {
    let secretAccessKey = 'first';
    const client = new S3Client({
      region: 'us-east-1',
      credentials: async () => ({ accessKeyId: secretAccessKey, secretAccessKey, expiration: new Date(0) }),
    });
    const presign = presignerOf(client);
    const [before = ''] = await presign([object]);
    secretAccessKey = 'second';

    const [after = ''] = await presign([object]);

    expect(new URL(before).searchParams.get('X-Amz-Credential')).toMatch(/^first\//);
    expect(new URL(after).searchParams.get('X-Amz-Credential')).toMatch(/^second\//);
  });

  it.each([0, 901, 1.5])('signs nothing that is valid for %s seconds', async (validSeconds) => {
    const presign = presignerOf(new S3Client({ region: 'us-east-1', credentials: KEYS }));

    await expect(presign([{ ...object, validSeconds }])).rejects.toThrow(/1 to 900 seconds/);
  });
});
