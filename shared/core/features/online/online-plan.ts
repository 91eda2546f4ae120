import type { RequestFeature, RequestValue } from './expression.ts';

/** A feature's value in the online store: null for one that the training query gave as NULL. */
export type OnlineValue = number | string | null;

/** A feature view as serving needs it. */
export interface OnlineView {
  readonly name: string;
  readonly entity: readonly string[];
  readonly features: readonly string[];
  readonly attributes: readonly { readonly name: string; readonly type: 'number' | 'category' }[];
  readonly ttlMinutes: number;
  readonly onMissing: 'refuse' | 'null' | Readonly<Record<string, OnlineValue>>;
}

/** How the features of a model version are had from entities; kept with the version. */
export interface OnlinePlan {
  readonly schemaVersion: 1;
  readonly views: readonly OnlineView[];
  readonly requestValues: readonly RequestValue[];
  readonly requestFeatures: readonly RequestFeature[];
}

interface Definition {
  readonly data: {
    readonly requestValues?: readonly RequestValue[] | undefined;
    readonly requestFeatures?: readonly RequestFeature[] | undefined;
  };
  readonly featureViews?: readonly OnlineView[] | undefined;
}

/** Of a definition; undefined where callers bring every feature themselves. */
export const onlinePlanOf = ({ data, featureViews = [] }: Definition): OnlinePlan | undefined => {
  const { requestValues = [], requestFeatures = [] } = data;
  if (featureViews.length === 0 && requestFeatures.length === 0) return undefined;
  return {
    schemaVersion: 1,
    views: featureViews.map(({ name, entity, features, attributes, ttlMinutes, onMissing }) => ({
      name,
      entity,
      features,
      attributes,
      ttlMinutes,
      onMissing,
    })),
    requestValues,
    requestFeatures,
  };
};

/** The names of everything that a view holds. */
export const heldBy = ({ features, attributes }: Pick<OnlineView, 'features' | 'attributes'>): readonly string[] => [
  ...features,
  ...attributes.map(({ name }) => name),
];

/** An entity of a view: the values of its join key, in the key's order. */
export interface EntityKey {
  readonly view: string;
  readonly entity: readonly string[];
}

/** What the online store holds of an entity. */
export interface EntityValues {
  readonly values: Readonly<Record<string, OnlineValue>>;
  /** The moment as of which the values are. */
  readonly eventAtMs: number;
  /** When they were written. */
  readonly createdAtMs: number;
}

/** One text for each entity; the parts of the key may hold anything. */
export const entityText = ({ view, entity }: EntityKey): string => JSON.stringify([view, ...entity]);
