import type { Filter, OrderBy } from '../search.ts';
import type { ReadField } from './field-value.ts';
import { matcherOf } from './match-filter.ts';
import { comparePositions, positionOf } from './order.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';

export interface ListSearch<Entity> {
  readonly entities: readonly Entity[];
  readonly readField: ReadField<Entity>;
  readonly filter: Filter;
  /** A total order, as the parsers give it. */
  readonly orderBy: readonly OrderBy[];
  readonly maxResults: number;
  /** As `nextPageToken` of the page before; absent or empty is the first page. */
  readonly pageToken?: string;
  /** What else the search depends on, such as the view: JSON. A token of another scope is refused. */
  readonly scope?: unknown;
}

export interface ListPage<Entity> {
  readonly entities: readonly Entity[];
  readonly nextPageToken?: string;
}

/** Filters, orders and cuts a list that is small enough to be read whole. @throws InvalidRequestError for a bad token. */
export const searchList = <Entity>(search: ListSearch<Entity>): ListPage<Entity> => {
  const { entities, readField, filter, orderBy: order, maxResults, pageToken } = search;
  const identity = [search.scope ?? null, filter, order];
  const after = pageToken ? decodePageToken(identity, pageToken, order.length) : undefined;
  const rows = entities
    .filter(matcherOf(filter, readField))
    .map((entity) => ({ entity, position: positionOf(order, readField, entity) }))
    .filter(({ position }) => after === undefined || comparePositions(order, position, after) > 0)
    .sort((a, b) => comparePositions(order, a.position, b.position));
  const page = rows.slice(0, maxResults);
  const last = page.at(-1);
  return {
    entities: page.map(({ entity }) => entity),
    ...(rows.length > page.length && last ? { nextPageToken: encodePageToken(identity, last.position) } : {}),
  };
};
