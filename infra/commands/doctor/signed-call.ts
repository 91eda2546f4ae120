import { createHash, createHmac } from 'node:crypto';

/** Calls of AWS APIs that the platform has no client for: signed by hand, read as text. */

export interface AwsCall {
  /** Endpoint prefix and signing name, such as `sts` or `servicequotas`. */
  readonly service: string;
  readonly method?: 'GET' | 'POST';
  /** @default '/' */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface AwsAnswer {
  readonly status: number;
  readonly text: string;
}

export type CallAws = (call: AwsCall) => Promise<AwsAnswer>;

export interface CallerSettings {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  /** Of an embedded cloud. @default AWS's own of the region */
  readonly endpoint?: string | undefined;
  /** How long an answer may take. @default 10 seconds */
  readonly timeoutMs?: number;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Signature Version 4. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const sign = (
  { region, credentials }: CallerSettings,
  { service, method = 'POST', headers = {}, body = '' }: AwsCall,
  url: URL,
  nowMs: number,
): Readonly<Record<string, string>> => {
  const at = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = `${at.slice(0, 8)}/${region}/${service}/aws4_request`;
  const { sessionToken } = credentials;
  const signed: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-date': at,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]}\n`).join('');
  const canonical = [method, url.pathname, url.search.slice(1), lines, names.join(';'), sha256(body)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')).toString('hex');
  const { host: _, ...sent } = signed;
  const credential = `${credentials.accessKeyId}/${scope}`;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
};

/** AWS refuses a signature that is older or newer than this by its clock. */
const ALLOWED_SKEW_MS = 5 * 60_000;

/**
 * Where the server's clock says another time (a laptop that slept, the embedded cloud's virtual time), the call is
 * signed once more by that time.
 */
export const createAwsCaller = (settings: CallerSettings): CallAws => {
  let skewMs = 0;
  const send = async (call: AwsCall): Promise<AwsAnswer & { readonly serverMs: number }> => {
    const base = settings.endpoint ?? `https://${call.service}.${settings.region}.amazonaws.com`;
    const url = new URL(call.path ?? '/', base);
    const response = await fetch(url, {
      method: call.method ?? 'POST',
      headers: sign(settings, call, url, Date.now() + skewMs),
      signal: AbortSignal.timeout(settings.timeoutMs ?? 10_000),
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    const serverMs = Date.parse(response.headers.get('date') ?? '');
    return { status: response.status, text: await response.text(), serverMs };
  };
  return async (call) => {
    const answer = await send(call);
    const skewNowMs = answer.serverMs - Date.now();
    const isSkewed = Math.abs(skewNowMs - skewMs) > ALLOWED_SKEW_MS;
    if (answer.status < 400 || !isSkewed) return answer;
    skewMs = skewNowMs;
    return send(call);
  };
};

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };

/** The texts of every element of a name, in order: enough for the flat answers of the query protocol. */
export const elementTexts = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replaceAll(/&(?:lt|gt|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity),
  );

/** The name of an error in any of AWS's protocols. */
export const errorCode = (text: string): string | undefined => {
  const [xml] = elementTexts(text, 'Code');
  if (xml !== undefined) return xml;
  return /"(?:__type|code|Code)"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1];
};

/** One operation of a query API, such as STS or CloudFormation. */
export const queryCall = (
  service: string,
  action: string,
  version: string,
  parameters: Readonly<Record<string, string>> = {},
): AwsCall => ({
  service,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ Action: action, Version: version, ...parameters }).toString(),
});

/** One operation of a JSON API, such as SSM. */
export const jsonCall = (service: string, target: string, input: object): AwsCall => ({
  service,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  body: JSON.stringify(input),
});
