import type { WireResponse } from '../contracts.ts';

/** Media types compared as API Gateway does: exactly, or everything by `*\/*`. */
export const isBinary = (binaryMediaTypes: readonly string[], mediaType: string | undefined): boolean => {
  if (binaryMediaTypes.includes('*/*')) return true;
  const types = (mediaType ?? '').split(',').map((one) => one.split(';', 1)[0]?.trim() ?? '');
  return types.some((type) => binaryMediaTypes.includes(type));
};

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const headersOf = (answer: Readonly<Record<string, unknown>>): Record<string, string> | undefined => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries((answer.headers ?? {}) as object)) {
    if (!isScalar(value)) return undefined;
    headers[name.toLowerCase()] = String(value);
  }
  for (const [name, values] of Object.entries((answer.multiValueHeaders ?? {}) as object)) {
    if (!Array.isArray(values) || !values.every(isScalar)) return undefined;
    headers[name.toLowerCase()] = values.join(',');
  }
  return headers;
};

/**
 * What a function's answer says to the client; undefined when it is not an answer of the proxy integration, which
 * API Gateway takes for a failure of the function.
 */
export const proxyResponse = (payload: string, decodesBase64: boolean): WireResponse | undefined => {
  const answer = JSON.parse(payload) as Readonly<Record<string, unknown>> | null;
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  const status = Number(answer.statusCode);
  const headers = headersOf(answer);
  const body = answer.body ?? '';
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (headers === undefined || typeof body !== 'string') return undefined;
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: answer.isBase64Encoded === true && decodesBase64 ? Buffer.from(body, 'base64') : body,
  };
};
