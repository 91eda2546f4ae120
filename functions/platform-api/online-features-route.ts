import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { decodeEntityRow, featureStatus, heldBy, onlinePlanOf, readingOf } from '../../shared/core/features/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidRequestError, NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import type { PlatformDeps } from './routes.ts';

type Deps = Pick<PlatformDeps, 'definitions' | 'online' | 'clock'>;

const planOf = (definition: ModelDefinition | undefined, model: string) => {
  const plan = definition && onlinePlanOf(definition);
  if (plan !== undefined && plan.views.length > 0) return plan;
  throw new NotFoundError(`model ${showValue(model)} has no feature views`);
};

/**
 * What the online store holds of entities now, by feature: `GET /models/{model}/features?origin=ORD&destination=LAX`.
 * Views whose key the query does not name whole are left out.
 */
export const onlineFeaturesRoute = ({ definitions, online, clock }: Deps): Route => ({
  method: 'GET',
  path: '/models/{model}/features',
  handle: async ({ query }, { model = '' }) => {
    const plan = planOf(definitions.get(model), model);
    const { entities } = decodeEntityRow(plan, { features: {}, entities: query }, 'query');
    const views = plan.views.filter(({ entity }) => entity.every((name) => entities[name] !== undefined));
    if (views.length === 0) {
      const keys = plan.views.map(({ entity }) => entity.join(' and ')).join('; or ');
      throw new InvalidRequestError(`the query must name an entity by its key: ${keys}`);
    }
    const found = await online.read(
      model,
      views.map(({ name, entity }) => ({ view: name, entity: entity.map((part) => entities[part] ?? '') })),
    );
    const features = views.flatMap((view, i) => {
      const reading = readingOf(view, found[i], clock.nowMs());
      const { eventAtMs, createdAtMs } = reading;
      return heldBy(view).map((name) => ({
        name,
        view: view.name,
        value: reading.values.get(name) ?? null,
        status: featureStatus(reading, name),
        ...(eventAtMs === undefined ? {} : { eventTimestamp: isoTime(eventAtMs) }),
        ...(createdAtMs === undefined ? {} : { createdTimestamp: isoTime(createdAtMs) }),
      }));
    });
    return jsonResponse(200, { model, entities, features });
  },
});
