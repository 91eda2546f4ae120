import { InvalidRequestError, PayloadTooLargeError, UnsupportedMediaTypeError } from '../../kernel/errors.ts';
import { shorten } from '../../kernel/show-value.ts';
import type { InferenceRequest } from './inference-host.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const utf8 = new TextEncoder();
const BYTES_OF_A_UNIT = 3;

const bytesOf = (body: string | Uint8Array, limit: number): number =>
  typeof body === 'string' && body.length <= limit && body.length * BYTES_OF_A_UNIT > limit
    ? utf8.encode(body).length
    : body.length;

/**
 * Before any work on behalf of a request.
 * @throws PayloadTooLargeError, UnsupportedMediaTypeError
 */
export const checkBody = (request: InferenceRequest, limitBytes: number): void => {
  const size = bytesOf(request.body, limitBytes);
  if (size > limitBytes) {
    throw new PayloadTooLargeError(`the body has ${size} bytes, at most ${limitBytes} are allowed`);
  }
  const encoding = request.header('content-encoding');
  if (encoding === undefined || encoding === '' || encoding.trim().toLowerCase() === 'identity') return;
  throw new UnsupportedMediaTypeError(`content-encoding ${shorten(encoding)} is not supported: send the body as it is`);
};

/** The media type in lower case and without its parameters; undefined when none is given. */
export const mediaTypeOf = (contentType: string | undefined): string | undefined =>
  contentType === undefined || contentType === 'application/json'
    ? contentType
    : contentType.split(';', 1)[0]?.trim().toLowerCase();

/**
 * A missing type is taken as JSON: clients of the Open Inference Protocol send none.
 * @throws UnsupportedMediaTypeError
 */
export const requireJson = (mediaType: string | undefined): void => {
  if (mediaType === undefined || mediaType === 'application/json' || mediaType.endsWith('+json')) return;
  throw new UnsupportedMediaTypeError(`content-type must be application/json, got ${shorten(mediaType)}`);
};

/**
 * The body's text. A transport that gives text has put a replacement character for each byte that is not UTF-8: data
 * that is lost.
 * @throws InvalidRequestError
 */
export const textOf = (body: string | Uint8Array): string => {
  if (typeof body === 'string') {
    if (!body.includes('\ufffd')) return body;
    throw new InvalidRequestError('the body is not UTF-8 text: it holds the replacement character U+FFFD');
  }
  try {
    return strictUtf8.decode(body);
  } catch (cause) {
    throw new InvalidRequestError('the body is not UTF-8 text', { cause });
  }
};
