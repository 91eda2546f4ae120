import { definitionOf } from '../../shared/contracts/definitions.ts';
import { IdempotencyKey, ReasonBody } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type HttpRequest, jsonResponse, type Route, readJsonBody } from '../../shared/http/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { PlatformDeps } from './routes.ts';

/** Asking for training. A principal stands on every write. */

const BODY_LIMIT_BYTES = 64 * 1_024;

export const bodyOf = (request: HttpRequest): unknown => readJsonBody(request, BODY_LIMIT_BYTES);

export const reasonOf = (request: HttpRequest): string | undefined => parse(ReasonBody, bodyOf(request), 'body').reason;

export const principalOf = ({ principal }: HttpRequest): string => {
  assert(principal !== undefined, 'the API lets only signed requests in');
  return principal;
};

export const writeRoutes = ({ definitions, events }: PlatformDeps): readonly Route[] => {
  return [
    {
      method: 'POST',
      path: '/models/{model}/train',
      handle: async (request, { model = '' }) => {
        const reason = reasonOf(request);
        definitionOf(definitions, model);
        const key = request.headers['idempotency-key'];
        const requestId = key === undefined ? request.requestId : parse(IdempotencyKey, key, 'idempotency-key');
        const detail = { model, principal: principalOf(request), requestId };
        await events.publish('Training Requested', { ...detail, ...(reason === undefined ? {} : { reason }) });
        return jsonResponse(202, detail);
      },
    },
  ];
};
