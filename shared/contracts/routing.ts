import * as v from 'valibot';
import { closedObject } from './closed-object.ts';

/** Exact routing: what a definition says of it, what is published under a digest, and what the platform API is asked. */

/** How old a plan may be that a function divides its requests by. */
export const PLAN_TTL_MS = 5_000;

const HeaderName = v.pipe(
  v.string(),
  v.maxLength(64),
  v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be a header in lower case, such as x-user-id'),
);
const ColumnName = v.pipe(v.string(), v.maxLength(64), v.regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case'));
const Version = v.pipe(v.number(), v.integer(), v.minValue(1));

const sourceOf = <const More extends v.ObjectEntries>(more: More) => {
  const header = closedObject({ header: HeaderName, ...more });
  const feature = closedObject({ feature: ColumnName, ...more });
  const entity = closedObject({ entity: ColumnName, ...more });
  // Told apart by its key, so that a refusal names the field that is wrong.
  return v.lazy<typeof header | typeof feature | typeof entity>((input) => {
    if (typeof input === 'object' && input !== null && 'feature' in input) return feature;
    return typeof input === 'object' && input !== null && 'entity' in input ? entity : header;
  });
};

/** A header of the request, a feature of its rows, or a join key of the entities that its rows name. */
export const ValueSourceSchema = sourceOf({});

const Values = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
  v.minLength(1, 'must have one value or more'),
  v.maxLength(100, 'must have at most 100 values'),
);
const CohortName = v.pipe(
  v.string(),
  v.maxLength(32),
  v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case: lower-case letters, digits and single hyphens'),
);
const CohortCondition = sourceOf({ in: Values });

const MOST_COHORTS = 10;

/** What a definition says beside `router: exact`. */
export const RoutingDefinitionSchema = closedObject({
  /** Requests with the same value stay with one version while its share rises. Default: each request by itself. */
  unit: v.optional(ValueSourceSchema),
  /** Requests that are not drawn: the first that fits says which version answers. */
  cohorts: v.optional(
    v.pipe(
      v.array(closedObject({ name: CohortName, when: CohortCondition, to: v.picklist(['canary', 'champion']) })),
      v.maxLength(MOST_COHORTS, `must have at most ${MOST_COHORTS} cohorts`),
      v.check((cohorts) => new Set(cohorts.map(({ name }) => name)).size === cohorts.length, 'must not repeat a name'),
    ),
  ),
});

type Source = v.InferOutput<typeof ValueSourceSchema>;

interface RoutedModel {
  readonly features: readonly { readonly name: string }[];
  readonly featureViews?: readonly { readonly entity: readonly string[] }[] | undefined;
  readonly deployment: {
    readonly target: string;
    readonly router?: 'alias' | 'exact' | undefined;
    readonly routing?: v.InferOutput<typeof RoutingDefinitionSchema> | undefined;
  };
}

const sourceFault = ({ features, featureViews = [] }: RoutedModel, source: Source): string | undefined => {
  if ('feature' in source) {
    const { feature } = source;
    return features.some(({ name }) => name === feature) ? undefined : `${feature} is no feature of the model`;
  }
  if (!('entity' in source)) return undefined;
  const known = featureViews.flatMap(({ entity }) => entity);
  const { entity } = source;
  return known.includes(entity)
    ? undefined
    : `${entity} is no join key of a feature view; there are ${known.join(', ') || 'none'}`;
};

/** Why a definition's routing cannot be. */
export const routingFault = (definition: RoutedModel): string | undefined => {
  const { routing, router = 'alias' } = definition.deployment;
  if (routing === undefined) return undefined;
  if (router !== 'exact') return 'deployment.routing needs deployment.router exact';
  const { unit, cohorts = [] } = routing;
  const sources = [...(unit === undefined ? [] : [unit]), ...cohorts.map(({ when }) => when)];
  const fault = sources.map((source) => sourceFault(definition, source)).find((one) => one !== undefined);
  return fault === undefined ? undefined : `deployment.routing: ${fault}`;
};

const Digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex'));

/** What is stored under a roster's digest. */
export const RosterSchema = v.object({
  model: v.string(),
  members: v.array(
    v.object({ version: Version, modelDigest: Digest, manifestDigest: Digest, artifactPrefix: v.string() }),
  ),
});

const Reason = v.pipe(v.string(), v.trim(), v.minLength(1, 'must say why'), v.maxLength(1_000));
const LONGEST_EXPERIMENT_HOURS = 24 * 90;

/** Body of `POST /models/{model}/experiments`. */
export const ExperimentBody = closedObject({
  name: CohortName,
  arms: v.pipe(
    v.array(
      closedObject({
        version: Version,
        share: v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.ltValue(1, 'must be below 1')),
      }),
    ),
    v.minLength(2, 'must have two versions or more'),
    v.maxLength(12, 'must have at most 12 versions'),
  ),
  /** Default: what the plan has. */
  unit: v.optional(ValueSourceSchema),
  durationHours: v.pipe(
    v.number(),
    v.gtValue(0, 'must be above 0'),
    v.maxValue(LONGEST_EXPERIMENT_HOURS, `must be at most ${LONGEST_EXPERIMENT_HOURS}`),
  ),
  reason: Reason,
});

/** Body of `POST /models/{model}/rollback`. */
export const RollbackBody = closedObject({
  /** Default: the champion, while something else is being tried. */
  version: v.optional(Version),
  reason: Reason,
});

/** Body of `POST /models/{model}/experiments/{name}/end`. */
export const EndExperimentBody = closedObject({ reason: Reason });

/** Query of `GET /models/{model}/experiments/{name}`: its data, or a page for people. */
export const ExperimentQuery = closedObject({ format: v.optional(v.picklist(['json', 'html']), 'json') });
