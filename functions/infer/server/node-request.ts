import type { IncomingMessage } from 'node:http';
import type { InferenceRequest } from '../../../shared/core/inference/index.ts';

const NO_QUERY: Readonly<Record<string, string>> = {};

const queryOf = (text: string): Readonly<Record<string, string>> => Object.fromEntries(new URLSearchParams(text));

/** A request of Node's server as the protocol takes it. */
export const inferenceRequest = (
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: Uint8Array,
  requestId: string,
): InferenceRequest => {
  const questionMark = url.indexOf('?');
  return {
    method,
    path: questionMark === -1 ? url : url.slice(0, questionMark),
    query: questionMark === -1 ? NO_QUERY : queryOf(url.slice(questionMark + 1)),
    header: (name) => {
      const value = headers[name];
      return typeof value === 'string' ? value : value?.join(', ');
    },
    body,
    requestId,
  };
};
