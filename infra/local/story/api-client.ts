import { createHash, createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';

/** A person's or a program's calls of the platform's REST APIs, signed as `AWS_IAM` wants it. */
export interface ApiClient {
  call(method: 'GET' | 'POST', url: string, body?: unknown): Promise<ApiAnswer>;
  close(): void;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The hash that the signer asks for: plain SHA-256, or HMAC with a secret. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array));
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

interface Credentials {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const send = (agent: Agent, url: URL, options: { method: string; headers: Record<string, string>; body: string }) =>
  new Promise<ApiAnswer>((resolve, reject) => {
    const { method, headers, body } = options;
    const outgoing = request(url, { agent, method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

export const createApiClient = (
  { region, accessKeyId, secretAccessKey }: Credentials,
  nowMs: () => number,
): ApiClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const signer = new SignatureV4({
    service: 'execute-api',
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  return {
    async call(method, address, value) {
      const url = new URL(address);
      const body = value === undefined ? '' : JSON.stringify(value);
      const signed = await signer.sign(
        {
          method,
          protocol: url.protocol,
          hostname: url.hostname,
          port: Number(url.port),
          path: url.pathname,
          query: Object.fromEntries(url.searchParams),
          headers: { host: url.host, 'content-type': 'application/json' },
          body,
        },
        { signingDate: new Date(nowMs()) },
      );
      return send(agent, url, { method, headers: signed.headers, body });
    },
    close: () => agent.destroy(),
  };
};
