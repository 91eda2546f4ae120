import type { IncomingMessage } from 'node:http';
import { API_KEY_ID_HEADER, CALLER_HEADER, callerIn } from '../../../shared/contracts/callers.ts';
import type { InferenceRequest } from '../../../shared/core/inference/index.ts';

const NO_QUERY: Readonly<Record<string, string>> = {};

const queryOf = (text: string): Readonly<Record<string, string>> => Object.fromEntries(new URLSearchParams(text));

/** Who called, by the headers that the API in front sets. */
const callerOf = ({ headers }: IncomingMessage): Pick<InferenceRequest, 'principal' | 'apiKeyId'> => {
  const principal = callerIn(headers[CALLER_HEADER] as string | undefined);
  const apiKeyId = callerIn(headers[API_KEY_ID_HEADER] as string | undefined);
  return { ...(principal === undefined ? {} : { principal }), ...(apiKeyId === undefined ? {} : { apiKeyId }) };
};

/** A request of Node's server as the protocol takes it. */
export const inferenceRequest = (
  request: IncomingMessage,
  body: Uint8Array,
  { requestId, callersAreNamed }: { readonly requestId: string; readonly callersAreNamed: boolean },
): InferenceRequest => {
  const { method = 'GET', url = '/', headers } = request;
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
    ...(callersAreNamed ? callerOf(request) : {}),
  };
};
