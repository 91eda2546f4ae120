import { InvalidRequestError, PayloadTooLargeError } from '../kernel/errors.ts';
import { shorten } from '../kernel/show-value.ts';
import type { HttpRequest } from './message.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The body as JSON; an empty body is `{}`. A missing Content-Type is taken as JSON, since clients of the Open Inference
 * Protocol send none.
 * @throws PayloadTooLargeError above `limitBytes`.
 * @throws InvalidRequestError when it is not UTF-8 text in JSON.
 */
export const readJsonBody = (request: HttpRequest, limitBytes: number): unknown => {
  const { body, headers } = request;
  if (body.byteLength > limitBytes) {
    throw new PayloadTooLargeError(`the body has ${body.byteLength} bytes, at most ${limitBytes} are allowed`);
  }
  if (body.byteLength === 0) return {};
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') {
    throw new InvalidRequestError(`content-encoding ${shorten(encoding)} is not supported: send the body as it is`);
  }
  const mediaType = (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== 'application/json' && !mediaType.endsWith('+json')) {
    throw new InvalidRequestError(`content-type must be application/json, got ${shorten(mediaType)}`);
  }
  const text = textOf(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidRequestError(`the body is not JSON: ${shorten((error as SyntaxError).message, 100)}`, {
      cause: error,
    });
  }
};

/** API Gateway hands text on with a replacement character for each byte that is not UTF-8: data that is lost. */
const textOf = (body: Uint8Array): string => {
  try {
    const text = utf8.decode(body);
    if (!text.includes('\ufffd')) return text;
  } catch (cause) {
    throw new InvalidRequestError('the body is not UTF-8 text', { cause });
  }
  throw new InvalidRequestError('the body is not UTF-8 text: it holds the replacement character U+FFFD');
};
