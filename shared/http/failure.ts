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

/** Where MLflow's server answers otherwise than our own APIs: by another status, or by a code that its clients know. */
const MLFLOW_FORM: Readonly<Record<string, { readonly status?: number; readonly code?: string }>> = {
  RESOURCE_ALREADY_EXISTS: { status: 400 },
  INVALID_STATE: { status: 400 },
  PAYLOAD_TOO_LARGE: { code: 'RESOURCE_LIMIT_EXCEEDED' },
};

/** MLflow's REST API. Its clients repeat 408, 429 and most of 5xx for minutes: a caller's mistake is never one of them. */
export const renderMlflowError: RenderFailure = ({ status, code, message, headers }) => {
  const form = MLFLOW_FORM[code];
  return jsonResponse(form?.status ?? status, { error_code: form?.code ?? code, message }, headers);
};
