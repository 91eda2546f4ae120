import { InvalidRequestError, UnsupportedMediaTypeError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import type { InferenceRequest } from './inference-host.ts';
import { parseJson } from './lossless-json.ts';
import { mediaTypeOf, requireJson, textOf } from './request-body.ts';

export const HEADER_LENGTH = 'inference-header-content-length';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON of an inference request, and the raw tensors behind it. */
export interface InferBody {
  readonly json: JsonObject;
  /** Empty unless the request has the binary extension's header. */
  readonly raw: Uint8Array;
  /** No tensor has more elements than this: each takes a byte at least. */
  readonly sizeBytes: number;
}

const NO_BYTES = new Uint8Array(0);

const jsonObject = (text: string, wide: boolean): JsonObject => {
  const json = text === '' ? {} : parseJson(text, wide);
  if (isObject(json)) return json;
  throw new InvalidRequestError(`the body must be a JSON object with inputs, got ${showValue(json)}`);
};

const headerLengthOf = (given: string, size: number): number => {
  const length = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (length <= size) return length;
  throw new InvalidRequestError(
    `${HEADER_LENGTH} must be the length of the body's JSON part, 0 to ${size}, got ${showValue(given)}`,
  );
};

const splitBody = (body: Uint8Array | string, given: string, wide: boolean): InferBody => {
  if (typeof body === 'string') {
    throw new InvalidRequestError(
      'the request has raw tensors, but came as text: send it as application/octet-stream through a transport that keeps bytes',
    );
  }
  const length = headerLengthOf(given, body.length);
  const json = jsonObject(textOf(body.subarray(0, length)), wide);
  return { json, raw: body.subarray(length), sizeBytes: body.length };
};

/**
 * @param wide whether integers of all sizes keep their digits.
 * @throws InvalidRequestError, UnsupportedMediaTypeError
 */
export const readInferBody = (request: InferenceRequest, wide: boolean): InferBody => {
  const { body } = request;
  const mediaType = mediaTypeOf(request.header('content-type'));
  const headerLength = request.header(HEADER_LENGTH);
  if (headerLength !== undefined) {
    if (mediaType !== undefined && mediaType !== 'application/octet-stream') requireJson(mediaType);
    return splitBody(body, headerLength, wide);
  }
  if (mediaType === 'application/octet-stream') {
    throw new UnsupportedMediaTypeError(
      `content-type must be application/json, or application/octet-stream with the header ${HEADER_LENGTH}`,
    );
  }
  requireJson(mediaType);
  return { json: jsonObject(textOf(body), wide), raw: NO_BYTES, sizeBytes: body.length };
};
