import { EvaluationBody } from '../../shared/contracts/http/governance.ts';
import { VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { holdoutScore, scoreMatrix } from '../../shared/core/governance/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

/** What versions scored on which dataset: their run's own holdout, and whatever else they were measured on. */

/** Versions whose holdouts are in the matrix: the newest. */
const RECENT_VERSIONS = 100;

export const evaluationRoutes = ({ registry, evaluations, clock }: PlatformDeps): readonly Route[] => [
  {
    method: 'POST',
    path: '/models/{model}/versions/{version}/evaluations',
    handle: async (request, { model = '', version }) => {
      const number = parse(VersionParameter, version, 'version');
      const { digest, ...body } = parse(EvaluationBody, bodyOf(request), 'body');
      const score = { version: number, ...body, ...(digest === undefined ? {} : { digest }) };
      const by = { atMs: clock.nowMs(), by: principalOf(request) };
      return jsonResponse(200, await evaluations.put(model, { ...score, ...by }));
    },
  },
  {
    method: 'GET',
    path: '/models/{model}/versions/{version}/evaluations',
    handle: async (_request, { model = '', version }) => {
      const number = parse(VersionParameter, version, 'version');
      const registered = await registry.getVersion(model, number);
      const items = [...holdoutScore(registered), ...(await evaluations.list(model, number))];
      return jsonResponse(200, { items });
    },
  },
  {
    method: 'GET',
    path: '/models/{model}/evaluations',
    handle: async (_request, { model = '' }) => {
      await registry.getModel(model);
      const [versions, scores] = await Promise.all([
        registry.listVersions(model, RECENT_VERSIONS),
        evaluations.list(model),
      ]);
      return jsonResponse(200, { items: scoreMatrix([...versions.items.flatMap(holdoutScore), ...scores]) });
    },
  },
];
