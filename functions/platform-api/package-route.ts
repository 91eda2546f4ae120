import { IdempotencyKey, VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { isPackaged, planPackaging } from '../../shared/core/registry/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';
import { principalOf } from './write-routes.ts';

/**
 * Asks for the package of a version that an MLflow client registered: again, or for the first time where its model has
 * been defined since. What comes of it stands in the version's `packaging`.
 */
export const packageRoute = ({ definitions, registry, events }: PlatformDeps): Route => ({
  method: 'POST',
  path: '/models/{model}/versions/{version}/package',
  handle: async (request, { model = '', ...parameters }) => {
    const version = parse(VersionParameter, parameters.version, 'version');
    const key = request.headers['idempotency-key'];
    const requestId = key === undefined ? request.requestId : parse(IdempotencyKey, key, 'idempotency-key');
    const standing = await registry.getVersion(model, version);
    if (isPackaged(standing)) return jsonResponse(200, standing);
    const plan = planPackaging(standing, definitions.has(model));
    if (plan.decision === 'leave') throw new InvalidStateError(plan.reason);
    const detail = { model, version, principal: principalOf(request), requestId };
    await events.publish('Packaging Requested', { kind: 'version', ...detail });
    return jsonResponse(202, { ...detail, status: `/models/${model}/versions/${version}` });
  },
});
