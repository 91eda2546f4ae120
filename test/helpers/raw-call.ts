import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';

/** A call as bytes on the wire: what a client library would refuse to send, or would tidy up. */
export interface RawCall {
  readonly method: string;
  /** Path and query are sent, and signed, exactly as they stand here. */
  readonly url: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 'right' */
  readonly signature?: 'right' | 'none' | 'wrong secret' | 'unknown key' | 'of another body' | 'for another service';
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every service but S3 signs the path normalised and escaped once more. */
const canonicalPath = (path: string): string => {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(escapeUri(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
};

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => (part.includes('=') ? part : `${part}=`))
    .sort()
    .join('&');

interface Target {
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const authorize = (
  { method, body = '', signature = 'right' }: RawCall,
  { host, path, query }: Target,
  nowMs: number,
): Record<string, string> => {
  if (signature === 'none') return {};
  const key = signature === 'unknown key' ? 'nobody' : 'local';
  const secret = signature === 'wrong secret' ? 'guessed' : 'local';
  const payloadHash = sha256(signature === 'of another body' ? `${body} ` : body);
  const at = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const service = signature === 'for another service' ? 's3' : 'execute-api';
  const scope = `${at.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const headers: Record<string, string> = { host, 'x-amz-content-sha256': payloadHash, 'x-amz-date': at };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const signedPath = service === 's3' ? path : canonicalPath(path);
  const canonical = [method, signedPath, canonicalQuery(query), lines.join(''), names, payloadHash].join('\n');
  const signingKey = scope
    .split('/')
    .reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secret}`);
  const value = hmac(signingKey, ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=${names}, Signature=${value}`;
  return { ...headers, authorization };
};

/** Sends one call on a connection of its own. */
export const rawCall = (call: RawCall, nowMs: number): Promise<RawAnswer> => {
  const [, host = '', path = '', query = ''] = /^http:\/\/([^/]+)([^?]*)\??(.*)$/.exec(call.url) ?? [];
  const [hostname, port] = host.split(':');
  const { method, body = '' } = call;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const headers = { ...length, ...call.headers, ...authorize(call, { host, path, query }, nowMs) };
  return new Promise((resolve, reject) => {
    const target = { hostname, port, method, path: query === '' ? path : `${path}?${query}`, headers, agent: false };
    const outgoing = request(target, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
};
