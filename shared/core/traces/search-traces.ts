import { InvalidRequestError, LimitExceededError } from '../../kernel/errors.ts';
import {
  compareTexts,
  decodePageToken,
  encodePageToken,
  type Filter,
  matcherOf,
  type OrderBy,
  type ReadField,
  searchList,
} from '../tracking/index.ts';
import { LAST_REQUEST_TIME_MS } from './change-trace.ts';
import { SOURCE_RUN_METADATA, type TraceEntry, type TraceInfo } from './trace.ts';

/** One page of an experiment's traces by time, equal times by id; descending time has ascending ids and the reverse. */
export type WalkTraces = (request: {
  readonly experimentId: string;
  readonly ascending: boolean;
  /** Both included. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly after?: { readonly requestTimeMs: number; readonly traceId: string };
  readonly limit: number;
}) => Promise<{ readonly entries: readonly TraceEntry[]; readonly hasMore: boolean }>;

export interface TraceSearch {
  readonly experimentIds: readonly string[];
  readonly filter: Filter;
  /** A total order, as `parseTraceOrderBy` gives it. */
  readonly orderBy: readonly OrderBy[];
  readonly maxResults: number;
  readonly pageToken?: string;
  /** Asked between traces: true ends the page where it is. */
  readonly timeIsShort?: () => boolean;
}

export interface TracePage {
  readonly infos: readonly TraceInfo[];
  readonly nextPageToken?: string;
}

/** Traces that one call looks at: it then answers what it found, and a token to go on. */
export const MOST_WALKED = 10_000;
/** Traces that an order other than by time may have to sort. */
export const MOST_SORTED = 20_000;
/** Of one page: an answer through Lambda has at most 6 MB, and bytes are in it as base64. */
const LARGEST_PAGE_BYTES = 4_000_000;
const STEP = 100;

const encoder = new TextEncoder();

const TIME = { kind: 'attribute', key: 'timestamp_ms' } as const;
const ID = { kind: 'attribute', key: 'request_id' } as const;
const NAMED: Readonly<Record<string, (info: TraceInfo) => number | string | undefined>> = {
  timestamp_ms: ({ requestTimeMs }) => requestTimeMs,
  execution_time_ms: ({ executionDurationMs }) => executionDurationMs,
  end_time_ms: ({ requestTimeMs, executionDurationMs = 0 }) => requestTimeMs + executionDurationMs,
  status: ({ state }) => state,
  request_id: ({ traceId }) => traceId,
  client_request_id: ({ clientRequestId }) => clientRequestId,
  experiment_id: ({ experimentId }) => experimentId,
};

const own = (texts: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(texts, key) ? texts[key] : undefined;

export const readTraceField: ReadField<TraceEntry> = ({ info, linkedRunIds }, { kind, key }) => {
  if (kind === 'tag') return own(info.tags, key);
  if (kind === 'attribute') return Object.hasOwn(NAMED, key) ? NAMED[key]?.(info) : undefined;
  if (kind !== 'metadata') return undefined;
  const value = own(info.metadata, key);
  if (key !== SOURCE_RUN_METADATA || linkedRunIds.length === 0) return value;
  return value === undefined ? linkedRunIds : [value, ...linkedRunIds];
};

/** The part of time that a filter leaves. */
export const timeBoundsOf = (filter: Filter): { readonly fromMs: number; readonly toMs: number } => {
  let fromMs = 0;
  let toMs = LAST_REQUEST_TIME_MS;
  for (const { field, comparator, value } of filter) {
    if (field.kind !== TIME.kind || field.key !== TIME.key || typeof value !== 'number') continue;
    if (comparator === '=' || comparator === '>=' || comparator === '>') fromMs = Math.max(fromMs, Math.floor(value));
    if (comparator === '=' || comparator === '<=' || comparator === '<') toMs = Math.min(toMs, Math.ceil(value));
  }
  return { fromMs, toMs };
};

/** Where a trace stands in the order by time. */
interface Place {
  readonly requestTimeMs: number;
  readonly traceId: string;
}

/** How one search goes through time: equal times always by ascending id. */
interface Course {
  readonly ascending: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly after?: Place;
}

const comparePlaces = (a: Place, b: Place, ascending: boolean): number => {
  const byTime = ascending ? a.requestTimeMs - b.requestTimeMs : b.requestTimeMs - a.requestTimeMs;
  return byTime === 0 ? compareTexts(a.traceId, b.traceId) : byTime;
};

/** One experiment's traces, in the order that the store gives. */
async function* walkOne(walk: WalkTraces, experimentId: string, course: Course): AsyncGenerator<TraceEntry> {
  let { after } = course;
  for (;;) {
    const page = await walk({ experimentId, ...course, ...(after === undefined ? {} : { after }), limit: STEP });
    yield* page.entries;
    const last = page.entries.at(-1);
    if (!page.hasMore || last === undefined) return;
    after = last.info;
  }
}

/** Ascending time comes with descending ids: those of one instant are turned round. */
async function* withAscendingIds(entries: AsyncGenerator<TraceEntry>): AsyncGenerator<TraceEntry> {
  let together: TraceEntry[] = [];
  for await (const entry of entries) {
    if (together[0] !== undefined && together[0].info.requestTimeMs !== entry.info.requestTimeMs) {
      yield* together.reverse();
      together = [];
    }
    together.push(entry);
  }
  yield* together.reverse();
}

/** All experiments' traces in one order by time and id. */
async function* walkAll(
  walk: WalkTraces,
  experimentIds: readonly string[],
  course: Course,
): AsyncGenerator<TraceEntry> {
  const headOf = async (rest: AsyncGenerator<TraceEntry>) => {
    const { value } = (await rest.next()) as { readonly value?: TraceEntry };
    return value === undefined ? undefined : { rest, entry: value };
  };
  const walks = [...new Set(experimentIds)].map((experimentId) => {
    const one = walkOne(walk, experimentId, course);
    return course.ascending ? withAscendingIds(one) : one;
  });
  let heads = (await Promise.all(walks.map(headOf))).filter((head) => head !== undefined);
  while (heads.length > 0) {
    const next = heads.reduce((best, head) =>
      comparePlaces(head.entry.info, best.entry.info, course.ascending) < 0 ? head : best,
    );
    yield next.entry;
    const following = await headOf(next.rest);
    heads = heads.flatMap((head) => (head !== next ? [head] : following === undefined ? [] : [following]));
  }
}

const sameField = (a: OrderBy | undefined, b: { readonly kind: string; readonly key: string }): boolean =>
  a?.field.kind === b.kind && a.field.key === b.key;

/** Whether the index by time has this order: by time, either way, then by ascending id. */
const isByTime = ([first, second, ...rest]: readonly OrderBy[]): boolean =>
  sameField(first, TIME) && sameField(second, ID) && second?.ascending === true && rest.length === 0;

/**
 * One page of the traces that match, in a stable order. A page may hold fewer than asked for, even none, and still say
 * where it goes on.
 * @throws InvalidRequestError for a page token of another search.
 * @throws LimitExceededError when another order than by time would have to sort too many.
 */
export const searchTraces = (search: TraceSearch, walk: WalkTraces): Promise<TracePage> =>
  isByTime(search.orderBy) ? pageByTime(search, walk) : pageOfSorted(search, walk);

const placeOf = (identity: unknown, pageToken: string | undefined): Place | undefined => {
  if (!pageToken) return undefined;
  const [requestTimeMs, traceId] = decodePageToken(identity, pageToken, 2);
  if (typeof requestTimeMs === 'number' && typeof traceId === 'string') return { requestTimeMs, traceId };
  throw new InvalidRequestError('Invalid page token: it is not one that a search gave out');
};

const courseOf = ({ filter, orderBy }: TraceSearch, after: Place | undefined): Course => {
  const ascending = orderBy[0]?.ascending ?? false;
  const bounds = timeBoundsOf(filter);
  if (after === undefined) return { ascending, ...bounds };
  // Ascending, those of the same instant come anew and are passed over: the store has their ids the other way round.
  return ascending
    ? { ascending, ...bounds, fromMs: Math.max(bounds.fromMs, after.requestTimeMs) }
    : { ascending, ...bounds, after };
};

const pageByTime = async (search: TraceSearch, walk: WalkTraces): Promise<TracePage> => {
  const identity = [search.experimentIds, search.filter, search.orderBy];
  const after = placeOf(identity, search.pageToken);
  const course = courseOf(search, after);
  const matches = matcherOf(search.filter, readTraceField);
  const infos: TraceInfo[] = [];
  let walked = 0;
  let bytes = 0;
  let last: Place | undefined;
  for await (const entry of walkAll(walk, search.experimentIds, course)) {
    const { info } = entry;
    const full = infos.length >= search.maxResults || bytes > LARGEST_PAGE_BYTES;
    if (last !== undefined && (full || walked >= MOST_WALKED || search.timeIsShort?.() === true)) {
      return { infos, nextPageToken: encodePageToken(identity, [last.requestTimeMs, last.traceId]) };
    }
    walked += 1;
    if (after !== undefined && comparePlaces(info, after, course.ascending) <= 0) continue;
    last = info;
    if (!matches(entry)) continue;
    infos.push(info);
    bytes += encoder.encode(JSON.stringify(info)).byteLength;
  }
  return { infos };
};

const pageOfSorted = async (search: TraceSearch, walk: WalkTraces): Promise<TracePage> => {
  const matches = matcherOf(search.filter, readTraceField);
  const entities: TraceEntry[] = [];
  let walked = 0;
  for await (const entry of walkAll(walk, search.experimentIds, { ascending: false, ...timeBoundsOf(search.filter) })) {
    walked += 1;
    if (walked > MOST_SORTED) {
      throw new LimitExceededError(
        `an order other than by timestamp_ms can sort ${MOST_SORTED} traces: narrow the search by timestamp_ms`,
      );
    }
    if (matches(entry)) entities.push(entry);
  }
  const { entities: page, nextPageToken } = searchList({
    entities,
    readField: readTraceField,
    filter: search.filter,
    orderBy: search.orderBy,
    maxResults: search.maxResults,
    ...(search.pageToken === undefined ? {} : { pageToken: search.pageToken }),
    scope: search.experimentIds,
  });
  return {
    infos: page.map(({ info }) => info),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
  };
};
