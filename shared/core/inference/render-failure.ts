import { isPlatformError } from '../../kernel/errors.ts';
import type { InferenceAnswer } from './inference-host.ts';
import type { Dialect } from './inference-route.ts';

/** What went wrong, before a dialect gives it its form. */
export interface InferenceFailure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY_AFTER_SECONDS = '1';

/** The failure that an error of ours stands for; undefined for any other, which is a bug or the model's own. */
export const failureOf = (error: unknown): InferenceFailure | undefined => {
  if (!isPlatformError(error)) return undefined;
  const { httpStatus: status, code, message } = error;
  const retryable = status === 503 || status === 429;
  return { status, code, message, ...(retryable ? { headers: { 'retry-after': RETRY_AFTER_SECONDS } } : {}) };
};

const BODIES: Readonly<Record<Dialect, (failure: InferenceFailure) => object>> = {
  // The protocol's clients require the key `error`.
  'open-inference': ({ message }) => ({ error: message }),
  mlflow: ({ code, message }) => ({ error_code: code, message }),
  // https://www.rfc-editor.org/rfc/rfc9457
  problem: ({ status, code, message }) => ({ type: 'about:blank', title: code, status, detail: message }),
};

export const renderFailure = (dialect: Dialect, failure: InferenceFailure): InferenceAnswer => ({
  status: failure.status,
  headers: {
    ...failure.headers,
    'content-type': dialect === 'problem' ? 'application/problem+json' : 'application/json',
  },
  body: JSON.stringify(BODIES[dialect](failure)),
});
