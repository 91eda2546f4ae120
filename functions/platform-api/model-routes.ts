import { PageQuery, VersionParameter } from '../../shared/contracts/http/platform.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { RegisteredModel } from '../../shared/core/registry/index.ts';
import { type HttpMethod, type HttpRequest, jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import type { Page } from '../../shared/ports/model-registry.ts';
import type { PlatformDeps } from './routes.ts';

/** Reading models, versions, runs and rollouts. */

const PARALLEL_READS = 10;

const summaryOf = (
  name: string,
  definition: ModelDefinition | undefined,
  registered: RegisteredModel | undefined,
): object => ({
  model: name,
  deployed: definition !== undefined,
  owner: definition?.owner ?? registered?.owner,
  description: definition?.description ?? '',
  task: definition?.task,
  latestVersion: registered?.latestVersion ?? 0,
  aliases: registered?.aliases ?? {},
});

export const modelRoutes = ({ definitions, registry }: PlatformDeps): readonly Route[] => {
  const GET: HttpMethod = 'GET';

  const registeredModel = async (model: string): Promise<RegisteredModel | undefined> => {
    try {
      return await registry.getModel(model);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  };

  /** A model is known while it is deployed or has a version. */
  const knownModel = async (model: string) => {
    const definition = definitions.get(model);
    const registered = await registeredModel(model);
    if (definition === undefined && registered === undefined) {
      throw new NotFoundError(`model ${showValue(model)} does not exist`);
    }
    return { definition, registered };
  };

  const list =
    <T>(read: (model: string, limit: number, cursor?: string) => Promise<Page<T>>) =>
    async (request: HttpRequest, { model = '' }: Readonly<Record<string, string>>) => {
      const { limit, cursor } = parse(PageQuery, request.query, 'query');
      await knownModel(model);
      return jsonResponse(200, await read(model, limit, cursor));
    };

  return [
    {
      method: GET,
      path: '/models',
      handle: async () => {
        const names = [...definitions.keys()].sort();
        const items: object[] = [];
        for (let from = 0; from < names.length; from += PARALLEL_READS) {
          const batch = names.slice(from, from + PARALLEL_READS);
          const read = batch.map(async (name) => summaryOf(name, definitions.get(name), await registeredModel(name)));
          items.push(...(await Promise.all(read)));
        }
        return jsonResponse(200, { items });
      },
    },
    {
      method: GET,
      path: '/models/{model}',
      handle: async (_request, { model = '' }) => {
        const { definition, registered } = await knownModel(model);
        const deployment = await registry.getDeployment(model);
        return jsonResponse(200, { ...summaryOf(model, definition, registered), definition, deployment });
      },
    },
    {
      method: GET,
      path: '/models/{model}/versions/{version}',
      handle: async (_request, { model = '', version }) =>
        jsonResponse(200, await registry.getVersion(model, parse(VersionParameter, version, 'version'))),
    },
    { method: GET, path: '/models/{model}/versions', handle: list(registry.listVersions) },
    { method: GET, path: '/models/{model}/runs', handle: list(registry.listRuns) },
    { method: GET, path: '/models/{model}/rollouts', handle: list(registry.listRollouts) },
  ];
};
