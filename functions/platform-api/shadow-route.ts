import { definitionOf } from '../../shared/contracts/definitions.ts';
import { VersionParameter } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ShadowQuery } from '../../shared/contracts/shadow.ts';
import { shadowVerdict } from '../../shared/core/deployment/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidRequestError, InvalidStateError } from '../../shared/kernel/errors.ts';
import type { PlatformDeps } from './routes.ts';

type Deps = Pick<PlatformDeps, 'definitions' | 'registry' | 'shadowDays'>;

const servingVersion = async ({ registry }: Deps, model: string): Promise<number> => {
  const deployment = await registry.getDeployment(model);
  if (deployment !== undefined) return deployment.version;
  throw new InvalidStateError(`no version of ${model} is in service: ?against= must name the version to compare with`);
};

/** What paired scoring of captured inputs says of a version beside another. */
export const shadowRoute = (deps: Deps): Route => ({
  method: 'GET',
  path: '/models/{model}/versions/{version}/shadow',
  handle: async (request, { model = '', version }) => {
    const challenger = parse(VersionParameter, version, 'version');
    const { against } = parse(ShadowQuery, request.query, 'query');
    await deps.registry.getVersion(model, challenger);
    const { shadow } = definitionOf(deps.definitions, model).deployment;
    if (shadow === undefined) {
      throw new InvalidStateError(`model ${model} compares no versions: its definition has no deployment.shadow`);
    }
    const champion = against ?? (await servingVersion(deps, model));
    if (champion === challenger) {
      throw new InvalidRequestError(
        `version ${challenger} of ${model} cannot be compared with itself: ?against= another`,
      );
    }
    const days = await deps.shadowDays.list({ model, challenger, champion });
    return jsonResponse(200, {
      model,
      challenger,
      champion,
      decide: shadow.decide,
      ...shadowVerdict(days, shadow),
      days,
    });
  },
});
