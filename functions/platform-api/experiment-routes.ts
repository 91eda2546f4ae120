import { parse } from '../../shared/contracts/parse.ts';
import { EndExperimentBody, ExperimentBody, ExperimentQuery } from '../../shared/contracts/routing.ts';
import { renderExperimentReport } from '../../shared/core/reports/index.ts';
import {
  type EndedExperiment,
  experimentOf,
  experimentPlan,
  type RoutingPlan,
  requireMembers,
  settledPlan,
} from '../../shared/core/routing/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import { HOUR_MS } from '../../shared/kernel/time.ts';
import { readExperimentResults } from './experiment-results.ts';
import { readLiveRoster } from './live-roster.ts';
import { reportResponse } from './report-response.ts';
import { requirePlan } from './rollback-route.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

/** A/B experiments: versions that have passed their canary, divided for a time by units. */

/** @throws NotFoundError */
const requireExperiment = (plan: RoutingPlan, name: string): EndedExperiment => {
  const experiment = experimentOf(plan, name);
  if (experiment !== undefined) return experiment;
  throw new NotFoundError(`experiment ${showValue(name)} of ${plan.model} is neither running nor the last one`);
};

export const experimentRoutes = (deps: PlatformDeps): readonly Route[] => {
  const { plans, registry, clock } = deps;

  const start: Route['handle'] = async (request, { model = '' }) => {
    const { name: experimentId, arms, unit, durationHours, reason } = parse(ExperimentBody, bodyOf(request), 'body');
    const [{ roster }, { runningRolloutId }] = await Promise.all([
      readLiveRoster(deps, model),
      registry.getServingSnapshot(model),
    ]);
    if (runningRolloutId !== undefined) {
      throw new InvalidStateError(
        `rollout ${runningRolloutId} of ${model} is running: an experiment waits for its end`,
      );
    }
    const versions = arms.map(({ version }) => version);
    requireMembers(roster, versions);
    const atMs = clock.nowMs();
    const durationMs = Math.round(durationHours * HOUR_MS);
    const asked = { model, experimentId, arms, durationMs, atMs, ...(unit === undefined ? {} : { unit }) };
    await requirePlan(deps, model);
    const plan = await plans.change({ model, principal: principalOf(request), atMs, reason }, (standing) => {
      if (standing === undefined) return undefined;
      const next = experimentPlan(standing, asked);
      return next === standing ? undefined : next;
    });
    return jsonResponse(201, plan);
  };

  const show: Route['handle'] = async (request, { model = '', name = '' }) => {
    const { format } = parse(ExperimentQuery, request.query, 'query');
    const experiment = requireExperiment(await requirePlan(deps, model), name);
    return reportResponse(format, await readExperimentResults(deps, model, experiment), renderExperimentReport);
  };

  const end: Route['handle'] = async (request, { model = '', name = '' }) => {
    const { reason } = parse(EndExperimentBody, bodyOf(request), 'body');
    requireExperiment(await requirePlan(deps, model), name);
    const atMs = clock.nowMs();
    const plan = await plans.change({ model, principal: principalOf(request), atMs, reason }, (standing) =>
      standing?.experiment?.kind === 'a/b' && standing.experiment.experimentId === name
        ? settledPlan(standing, { model, version: standing.champion, atMs })
        : undefined,
    );
    const experiment = requireExperiment(plan as RoutingPlan, name);
    return jsonResponse(200, await readExperimentResults(deps, model, experiment));
  };

  return [
    {
      method: 'GET',
      path: '/models/{model}/routing',
      handle: async (_request, { model = '' }) => jsonResponse(200, await requirePlan(deps, model)),
    },
    { method: 'POST', path: '/models/{model}/experiments', handle: start },
    { method: 'GET', path: '/models/{model}/experiments/{name}', handle: show },
    { method: 'POST', path: '/models/{model}/experiments/{name}/end', handle: end },
  ];
};
