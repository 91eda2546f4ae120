import { InvalidRequestError, PayloadTooLargeError } from '../kernel/errors.ts';
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
  const mediaType = (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== 'application/json' && !mediaType.endsWith('+json')) {
    throw new InvalidRequestError(`content-type must be application/json, got ${mediaType}`);
  }
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message.slice(0, 100) : 'not UTF-8';
    throw new InvalidRequestError(`the body is not JSON: ${reason}`, { cause: error });
  }
};
