import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { type HttpRequest, type HttpResponse, renderMlflowError } from '../../shared/http/index.ts';

/** Beyond it compressing costs less than sending. */
const COMPRESSED_FROM_BYTES = 64 * 1_024;
/** Lambda's answer has at most 6 MiB, and bytes are in it as base64. */
const ANSWER_LIMIT_BYTES = 4_500_000;
/** Fast: an answer of 4 MB takes 20 ms and shrinks to a tenth. */
const GZIP_LEVEL = 1;

const nonFiniteAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

/** A message as protobuf writes it in JSON: unset fields are left out, NaN and infinities are text. */
export const encodeMessage = (message: Readonly<Record<string, unknown>>): string => {
  const text = JSON.stringify(message);
  // A number that JSON has not comes out as null. A replacer costs several times the rest, so it has to be worth it.
  return text.includes('null') ? JSON.stringify(message, nonFiniteAsText) : text;
};

const acceptsGzip = ({ headers }: HttpRequest): boolean =>
  (headers['accept-encoding'] ?? '')
    .split(',')
    .some((one) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one));

/** The answer in a form that fits through Lambda: large text compressed if the client takes it; what fits in none is told. */
export const fitAnswer = (response: HttpResponse, request: HttpRequest): HttpResponse => {
  const { body, headers } = response;
  const sizeBytes = Buffer.byteLength(body);
  if (sizeBytes <= COMPRESSED_FROM_BYTES) return response;
  const compressible = typeof body === 'string' && headers['content-encoding'] === undefined && acceptsGzip(request);
  const bytes = compressible ? gzipSync(body, { level: GZIP_LEVEL }) : Buffer.from(body);
  if (bytes.byteLength > ANSWER_LIMIT_BYTES) {
    return renderMlflowError({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
      message: `the answer has ${sizeBytes} bytes, more than one answer can carry: ask for fewer at once (max_results)`,
    });
  }
  return { ...response, headers: compressible ? { ...headers, 'content-encoding': 'gzip' } : headers, body: bytes };
};
