import { createHash, createHmac } from 'node:crypto';
import type { TestCloud } from './local-cloud.ts';

/** One request signed by Signature Version 4, for what the story's client hides (headers) and services without a client. */
interface SignedRequest {
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html; paths without odd characters. */
const sign = ({ service, method, url, headers = {}, body = '' }: SignedRequest, secret: string, nowMs: number) => {
  const { host, pathname, searchParams } = new URL(url);
  const at = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = `${at.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const signed: Record<string, string> = { ...headers, host, 'x-amz-date': at };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join('');
  searchParams.sort();
  const canonical = [method, pathname, searchParams.toString(), lines, names.join(';'), sha256(body)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')).toString('hex');
  const { host: _, ...sent } = signed;
  return { ...sent, authorization: '', names: names.join(';'), scope, signature };
};

export const signedFetch = (
  test: Pick<TestCloud, 'cloud' | 'clientConfig' | 'fetch'>,
  request: SignedRequest,
): Promise<Response> => {
  const { cloud, clientConfig } = test;
  const { accessKeyId, secretAccessKey } = clientConfig.credentials;
  const { names, scope, signature, ...headers } = sign(request, secretAccessKey, cloud.clock.nowMs());
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  const { method, url, body } = request;
  return test.fetch(url, { method, headers: { ...headers, authorization }, ...(body === undefined ? {} : { body }) });
};
