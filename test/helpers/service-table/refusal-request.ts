import { Readable } from 'node:stream';
import type { WireRequest } from '../../../infra/local/contracts.ts';
import type { AwsOperation, AwsOption } from './aws-operations.ts';

/** First part of `X-Amz-Target`; a service without one speaks another protocol. */
const TARGETS: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDB_20120810',
  ecs: 'AmazonEC2ContainerServiceV20141113',
  events: 'AWSEvents',
  firehose: 'Firehose_20150804',
  monitoring: 'GraniteServiceVersion20100801',
  sagemaker: 'SageMaker',
  sqs: 'AmazonSQS',
  states: 'AWSStepFunctions',
};

interface Refusal {
  readonly operation: AwsOperation;
  /** The one option to ask for. */
  readonly option?: AwsOption;
  /** Options without which the operation refuses before it looks at others. */
  readonly required: readonly string[];
}

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const request = ({ method, path, headers, body }: Parts): WireRequest => {
  const bytes = Buffer.from(body);
  return {
    method,
    url: new URL(`http://127.0.0.1${path}`),
    headers,
    body: Readable.from([bytes]),
    readBody: async () => bytes,
    caller: { arn: 'arn:aws:iam::000000000000:user/local', accessKeyId: 'local' },
    requestId: 'request-1',
  };
};

const TEXT = 'x';
/** Query parameters of S3 whose case matters to its routes. */
const WIRE_NAMES: Readonly<Record<string, string>> = { UploadId: 'uploadId', PartNumber: 'partNumber' };

const placeholder = ({ suffix, inside }: AwsOption): unknown => {
  const value = inside.length === 0 ? TEXT : {};
  if (suffix === '[]') return [value];
  return suffix === '{}' ? { [TEXT]: value } : value;
};

const inputOf = ({ option, required }: Refusal): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(required.map((name) => [name, TEXT])),
  ...(option === undefined ? {} : { [option.name]: placeholder(option) }),
});

const formOf = (input: Readonly<Record<string, unknown>>, action: string): string => {
  const form = new URLSearchParams({ Action: action });
  for (const [name, value] of Object.entries(input)) {
    if (Array.isArray(value)) form.set(`${name}.member.1`, TEXT);
    else if (typeof value === 'object') form.set(`${name}.entry.1.key`, TEXT);
    else form.set(name, String(value));
  }
  return form.toString();
};

/** S3's paths begin with the key; the bucket stands before it here. */
const restPath = (signingName: string, path: string): string => {
  const filled = path.replace(/\{[^}]*\}/g, TEXT);
  return signingName === 's3'
    ? `/bucket${filled === '/' || filled.startsWith('/?') ? filled.slice(1) : filled}`
    : filled;
};

const queryOf = ({ operation, option }: Refusal): readonly string[] =>
  operation.options
    .filter((one) => one.carrier === 'query' && (one.isRequired || one.name === option?.name))
    // Names of parameters keep their case on the wire: the lower-case one only serves comparison.
    .map(({ name, wireName }) => `${WIRE_NAMES[name] ?? wireName}=${TEXT}`);

const restRequest = (signingName: string, refusal: Refusal, [method, path]: readonly [string, string]): WireRequest => {
  const { option } = refusal;
  const [address = '', fixed] = restPath(signingName, path).split('?');
  const query = [...(fixed === undefined ? [] : [fixed]), ...queryOf(refusal)];
  const header = option?.carrier === 'header' ? { [option.wireName ?? '']: TEXT } : {};
  const inBody = option === undefined || option.carrier === 'body';
  return request({
    method,
    path: query.length === 0 ? address : `${address}?${query.join('&')}`,
    headers: header,
    body: inBody && signingName !== 's3' && method !== 'GET' ? JSON.stringify(inputOf(refusal)) : '',
  });
};

/** A request for an operation with the one option, in the protocol of its service. */
export const refusalRequest = (signingName: string, refusal: Refusal): WireRequest => {
  const { name, http } = refusal.operation;
  const target = TARGETS[signingName];
  if (target !== undefined) {
    const headers = { 'x-amz-target': `${target}.${name}` };
    return request({ method: 'POST', path: '/', headers, body: JSON.stringify(inputOf(refusal)) });
  }
  if (http !== undefined) return restRequest(signingName, refusal, http);
  return request({ method: 'POST', path: '/', headers: {}, body: formOf(inputOf(refusal), name) });
};
