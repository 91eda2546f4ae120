import type { Comparator, Field, FieldKind, OrderBy } from '../search.ts';

/** What may be asked of one sort of field. */
export interface FieldRule {
  readonly values: 'number' | 'text';
  readonly comparators: readonly Comparator[];
  /**
   * Lists it may be compared with; absent is none. `lower-case` ones drop values that are not all in lower case, as MLflow
   * does for identifiers.
   */
  readonly lists?: 'lower-case' | 'as-given';
}

/** Which fields one entity has, under which names. One per kind of entity, beside its parser. */
export interface EntityTable {
  /** What may stand before the dot. Without a dot the field is an attribute. */
  readonly prefixes: Readonly<Record<string, FieldKind>>;
  /** By every name that a caller may use. */
  readonly attributes: Readonly<Record<string, { readonly field: Field; readonly rule: FieldRule }>>;
  /** Kinds whose keys are the caller's own. */
  readonly keyed: Partial<Readonly<Record<FieldKind, FieldRule>>>;
  /** Attributes to order by, by every name. */
  readonly orderAttributes: Readonly<Record<string, Field>>;
  /** Kinds to order by whose keys are the caller's own. */
  readonly orderKinds: readonly FieldKind[];
  /** What decides between equals: the last of it is unique. */
  readonly ties: readonly OrderBy[];
  /** The order where none is asked for. @default ties */
  readonly defaultOrder?: readonly OrderBy[];
}

const NUMERIC: readonly Comparator[] = ['=', '!=', '>', '>=', '<', '<='];
const TEXTUAL: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];

export const NUMBER_RULE: FieldRule = { values: 'number', comparators: NUMERIC };
export const TEXT_RULE: FieldRule = { values: 'text', comparators: TEXTUAL };
export const LISTED_TEXT_RULE: FieldRule = {
  values: 'text',
  comparators: [...TEXTUAL, 'IN', 'NOT IN'],
  lists: 'as-given',
};
/** For identifiers, which are in lower case. */
export const LISTED_ID_RULE: FieldRule = { ...LISTED_TEXT_RULE, lists: 'lower-case' };

export const attribute = (key: string): Field => ({ kind: 'attribute', key });

export const ascending = (key: string): OrderBy => ({ field: attribute(key), ascending: true });
export const descending = (key: string): OrderBy => ({ field: attribute(key), ascending: false });

/** A table's attributes from `[rule, canonical key, …further names]`. */
export const attributesOf = (
  ...rows: readonly (readonly [FieldRule, string, ...string[]])[]
): EntityTable['attributes'] =>
  Object.fromEntries(
    rows.flatMap(([rule, key, ...names]) => [key, ...names].map((name) => [name, { field: attribute(key), rule }])),
  );

/** A table's order attributes from `[canonical key, …further names]`. */
export const orderAttributesOf = (
  ...rows: readonly (readonly [string, ...string[]])[]
): EntityTable['orderAttributes'] =>
  Object.fromEntries(rows.flatMap(([key, ...names]) => [key, ...names].map((name) => [name, attribute(key)])));

export const ATTRIBUTE_PREFIXES = { attribute: 'attribute', attributes: 'attribute', attr: 'attribute' } as const;
export const TAG_PREFIXES = { tag: 'tag', tags: 'tag' } as const;
export const METRIC_PREFIXES = { metric: 'metric', metrics: 'metric' } as const;
export const PARAM_PREFIXES = { param: 'param', params: 'param', parameter: 'param', parameters: 'param' } as const;
