import { definitionOf } from '../../shared/contracts/definitions.ts';
import { IdempotencyKey, ReasonBody, VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type HttpRequest, jsonResponse, type Route, readJsonBody } from '../../shared/http/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { PlatformDeps } from './routes.ts';

/** Asking for training and deciding about versions. A principal stands on every write. */

const BODY_LIMIT_BYTES = 64 * 1_024;

const reasonOf = (request: HttpRequest): string | undefined =>
  parse(ReasonBody, readJsonBody(request, BODY_LIMIT_BYTES), 'body').reason;

const principalOf = ({ principal }: HttpRequest): string => {
  assert(principal !== undefined, 'the API lets only signed requests in');
  return principal;
};

export const writeRoutes = ({ definitions, registry, events, clock }: PlatformDeps): readonly Route[] => {
  const decide =
    (status: 'APPROVED' | 'REJECTED'): Route['handle'] =>
    async (request, parameters) => {
      const { model = '' } = parameters;
      const version = parse(VersionParameter, parameters.version, 'version');
      const reason = reasonOf(request);
      const decided = await registry.decideVersion({
        model,
        version,
        status,
        decidedBy: principalOf(request),
        decidedAtMs: clock.nowMs(),
        ...(reason === undefined ? {} : { decisionReason: reason }),
      });
      // Of a decision that stands the first principal is announced again: its own announcement may have been lost.
      const principal = decided.decidedBy ?? principalOf(request);
      if (status === 'APPROVED') await events.publish('Model Version Approved', { model, version, principal });
      else {
        const standingReason = decided.decisionReason ?? '';
        await events.publish('Model Version Rejected', { model, version, principal, reason: standingReason });
      }
      return jsonResponse(200, decided);
    };

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
    { method: 'POST', path: '/models/{model}/versions/{version}/approve', handle: decide('APPROVED') },
    { method: 'POST', path: '/models/{model}/versions/{version}/reject', handle: decide('REJECTED') },
  ];
};
