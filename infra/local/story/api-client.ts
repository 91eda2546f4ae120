import { Agent, request } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './sha256.ts';

/** A person's or a program's calls of the platform's REST APIs, signed as `AWS_IAM` wants it. */
export interface ApiClient {
  call(method: 'GET' | 'POST', url: string, body?: unknown, headers?: Headers): Promise<ApiAnswer>;
  close(): void;
}

type Headers = Readonly<Record<string, string>>;

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface Credentials {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface SignedCall {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a signed request reaches the API. */
export type SendSigned = (url: URL, call: SignedCall) => Promise<ApiAnswer>;

/** An answer's body as the APIs give it: JSON or nothing. */
export const readAnswer = (status: number, text: string): ApiAnswer => ({
  status,
  body: text === '' ? undefined : JSON.parse(text),
});

const send = (agent: Agent, url: URL, { method, headers, body }: SignedCall) =>
  new Promise<ApiAnswer>((resolve, reject) => {
    const outgoing = request(url, { agent, method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve(readAnswer(incoming.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

export const createApiClient = (
  { region, accessKeyId, secretAccessKey }: Credentials,
  nowMs: () => number,
  sendSigned?: SendSigned,
): ApiClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const sending = sendSigned ?? ((url, call) => send(agent, url, call));
  const signer = new SignatureV4({
    service: 'execute-api',
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  return {
    async call(method, address, value, headers = {}) {
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
          headers: { host: url.host, 'content-type': 'application/json', ...headers },
          body,
        },
        { signingDate: new Date(nowMs()) },
      );
      return sending(url, { method, headers: signed.headers, body });
    },
    close: () => agent.destroy(),
  };
};
