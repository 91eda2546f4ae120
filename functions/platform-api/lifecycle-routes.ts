import { LifecycleBody } from '../../shared/contracts/http/governance.ts';
import { VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type LifecycleMove, moveLifecycle } from '../../shared/core/governance/index.ts';
import { armOf } from '../../shared/core/routing/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

/** Taking versions out of use: retired ones are rolled out no more, of archived ones the files may be collected. */

const MOVES: readonly LifecycleMove[] = ['retire', 'reinstate', 'archive'];

/** @throws InvalidStateError for a version that a plan gives requests to: what serves is not taken out of use. */
const requireUnrouted = async (plans: PlatformDeps['plans'], model: string, version: number): Promise<void> => {
  const plan = await plans.get(model);
  if (plan === undefined || (armOf(plan, version)?.share ?? 0) === 0) return;
  throw new InvalidStateError(`version ${version} of ${model} is given requests by its routing plan`);
};

export const lifecycleRoutes = ({ registry, plans, clock }: PlatformDeps): readonly Route[] =>
  MOVES.map((move) => ({
    method: 'POST',
    path: `/models/{model}/versions/{version}/${move}`,
    handle: async (request, parameters) => {
      const { model = '' } = parameters;
      const version = parse(VersionParameter, parameters.version, 'version');
      const { reason } = parse(LifecycleBody, bodyOf(request), 'body');
      if (move !== 'reinstate') await requireUnrouted(plans, model, version);
      const by = { principal: principalOf(request), atMs: clock.nowMs() };
      const moved = await registry.moveVersion({ model, version, move, reason, ...by }, (standing) =>
        moveLifecycle(standing, move),
      );
      return jsonResponse(200, moved);
    },
  }));
