import { isPlatformError } from '../kernel/errors.ts';
import { errorFields, logLine } from '../kernel/log.ts';
import { type HttpResponse, jsonResponse } from './message.ts';

/** What went wrong, before a protocol gives it its form. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type RenderFailure = (failure: Failure) => HttpResponse;

const RETRY_AFTER_SECONDS = '1';

/** An error of ours keeps its status and message; anything else is a bug: generic to the caller, whole in the log. */
export const failureOf = (error: unknown, requestId: string): Failure => {
  if (!isPlatformError(error)) {
    logLine('error', 'request failed unexpectedly', { requestId, ...errorFields(error) });
    return { status: 500, code: 'INTERNAL_ERROR', message: `internal error, request ${requestId}` };
  }
  const { httpStatus: status, code, message } = error;
  const retryable = status === 503 || status === 429;
  return { status, code, message, ...(retryable ? { headers: { 'retry-after': RETRY_AFTER_SECONDS } } : {}) };
};

/** Problem details of our own APIs: https://www.rfc-editor.org/rfc/rfc9457 */
export const renderProblem: RenderFailure = ({ status, code, message, headers }) =>
  jsonResponse(
    status,
    { type: 'about:blank', title: code, status, detail: message },
    { ...headers, 'content-type': 'application/problem+json' },
  );

/** Open Inference Protocol: clients require the key `error`. */
export const renderOpenInferenceError: RenderFailure = ({ status, message, headers }) =>
  jsonResponse(status, { error: message }, headers);
