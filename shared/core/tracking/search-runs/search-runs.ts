import { InvalidRequestError } from '../../../kernel/errors.ts';
import { RUN_TIES } from '../filter/runs.ts';
import type { Run } from '../run.ts';
import { runValue } from '../run-fields.ts';
import { matcherOf } from '../search/match-filter.ts';
import { type Position, withTies } from '../search/order.ts';
import { decodePageToken, encodePageToken } from '../search/page-token.ts';
import type { Filter, OrderBy, ViewType } from '../search.ts';
import { isInView } from '../view.ts';
import { type CandidateSource, inTurn, unordered } from './candidate-source.ts';
import { collectPage, type PageRequest } from './collect-page.ts';
import { headerSource, readHeaders } from './header-source.ts';
import { indexedClauses, MAX_CANDIDATES, readSmallestClause } from './narrow.ts';
import type { RunIndexReads } from './run-index-reads.ts';
import { isStartTime, type Level, scanSource, walkSource } from './walk-source.ts';

export interface RunSearch {
  readonly index: RunIndexReads;
  readonly experimentIds: readonly string[];
  readonly filter: Filter;
  readonly orderBy: readonly OrderBy[];
  readonly view: ViewType;
  /** At least 1. */
  readonly maxResults: number;
  /** As `nextPageToken` of the page before; absent or empty is the first page. */
  readonly pageToken?: string;
  /** True when time is short: the page then ends with what was found. */
  readonly deadline?: () => boolean;
  /** Called once for each run of the page, in order; false ends the page before that run, unless it is the first. */
  readonly fits?: (run: Run) => boolean;
}

export interface RunPage {
  readonly runs: readonly Run[];
  /** Absent at the end. */
  readonly nextPageToken?: string;
}

const MIN_NARROW_AFTER = 300;
const NARROW_AFTER_PAGES = 3;
const PARALLEL_READS = 20;

const isNumeric = ({ field }: OrderBy): boolean =>
  field.kind === 'metric' ||
  isStartTime({ field, ascending: true }) ||
  (field.kind === 'attribute' && field.key === 'end_time');

/** A token may be forged: its values must be such as the fields have. */
const checkPosition = (order: readonly OrderBy[], position: Position): Position => {
  const fits = position.every((value, index) => {
    const by = order[index];
    if (by === undefined) return false;
    if (value === null) return !isStartTime(by) && by.field.key !== 'run_id';
    return typeof value === (isNumeric(by) ? 'number' : 'string');
  });
  if (!fits) throw new InvalidRequestError('Invalid page token: it is not one that a search gave out');
  return position;
};

/** The ids that a clause on run_id leaves. */
const namedRuns = (filter: Filter): readonly string[] | undefined => {
  const clause = filter.find(
    ({ field, comparator }) =>
      field.kind === 'attribute' && field.key === 'run_id' && (comparator === '=' || comparator === 'IN'),
  );
  if (clause === undefined) return undefined;
  return typeof clause.value === 'object' ? clause.value : [String(clause.value)];
};

type Prepared = Omit<RunSearch, 'pageToken' | 'orderBy'> & {
  readonly order: readonly OrderBy[];
  readonly after: Position | undefined;
};

const isWalkable = ({ index }: Prepared, by: OrderBy): boolean =>
  isStartTime(by) || (by.field.kind !== 'attribute' && index.keeps(by.field));

/** How many fields of the order are walked, one after the other: runs that lack the first stand by the second, and so on. */
const walkedCount = (search: Prepared): number => {
  const end = search.order.findIndex((by) => !isWalkable(search, by) || isStartTime(by));
  return end < 0 ? search.order.length : end;
};

const levelAt = ({ index, experimentIds, order, after }: Prepared, depth: number): Level => ({
  index,
  experimentIds,
  missing: order.slice(0, depth),
  order: order.slice(depth),
  // A position among the runs that have an earlier field stands before this whole level.
  after: after?.slice(0, depth).every((value) => value === null) ? after.slice(depth) : undefined,
});

/** The runs in the search's order. */
const orderedSource = (search: Prepared): CandidateSource => {
  const { order, after } = search;
  const depth = walkedCount(search);
  const last = order[depth];
  const passed = after === undefined ? 0 : after.findIndex((value) => value !== null);
  const sources = order.slice(0, depth).map((_, at) => () => walkSource(levelAt(search, at)));
  const rest = levelAt(search, depth);
  const lastSource =
    last === undefined || isStartTime(last)
      ? () => walkSource(rest)
      : last.field.kind === 'attribute'
        ? () => headerSource(rest, search)
        : () => scanSource(rest);
  return inTurn([...sources, lastSource].slice(Math.min(passed, depth)));
};

/** After how many runs a search stops walking and looks for a selective clause. */
const narrowAfter = (search: Prepared): number => {
  if (search.filter.length === 0) return Number.POSITIVE_INFINITY;
  const first = search.order[0];
  const scansAll = first !== undefined && first.field.kind !== 'attribute' && !search.index.keeps(first.field);
  return scansAll ? -1 : Math.max(MIN_NARROW_AFTER, NARROW_AFTER_PAGES * search.maxResults);
};

/** In the experiments of a search; a bounded few each. */
const listHotRuns = async ({
  index,
  experimentIds,
}: Pick<Prepared, 'index' | 'experimentIds'>): Promise<readonly string[]> => {
  const found = new Set<string>();
  for (let from = 0; from < experimentIds.length; from += PARALLEL_READS) {
    const batch = experimentIds.slice(from, from + PARALLEL_READS);
    const lists = await Promise.all(batch.map((experimentId) => index.hotRuns(experimentId)));
    for (const runId of lists.flat()) found.add(runId);
  }
  return [...found];
};

/** Reads which runs may satisfy the most selective clause instead of walking on; undefined when none is selective. */
const narrowSource = async (search: Prepared, hasHot: boolean): Promise<CandidateSource | undefined> => {
  const { index, filter, order, deadline = () => false } = search;
  const smallest = await readSmallestClause(search, indexedClauses(index, filter), deadline);
  if (smallest !== undefined) {
    const hot = smallest.field.kind === 'metric' && !hasHot ? await listHotRuns(search) : [];
    return unordered([...smallest.runIds, ...hot]);
  }
  if (!filter.some(({ field }) => field.kind === 'attribute')) return undefined;
  const headers = await readHeaders(search, deadline);
  if (headers === undefined) return undefined;
  if (order[0]?.field.kind === 'attribute') return headerSource(levelAt(search, 0), search, headers);
  return headers.length <= MAX_CANDIDATES ? unordered(headers.map(({ runId }) => runId)) : undefined;
};

/** Hot runs are read whole where an index that does not know them drives. */
const readHotRuns = async (search: Prepared): Promise<readonly Run[]> => {
  const { index, order } = search;
  if (!order.some(({ field }) => field.kind === 'metric' && index.keeps(field))) return [];
  const hot = await listHotRuns(search);
  return hot.length === 0 ? [] : index.readRuns(hot);
};

const prepare = (search: RunSearch, identity: unknown): Prepared => {
  const { pageToken, orderBy, ...rest } = search;
  const order = withTies(orderBy, RUN_TIES);
  const after = pageToken ? checkPosition(order, decodePageToken(identity, pageToken, order.length)) : undefined;
  return { ...rest, experimentIds: [...new Set(search.experimentIds)], order, after };
};

/**
 * One page of the runs that satisfy a filter. All pages together are the filtered runs in order, whichever way each page
 * was found: by walking an index in order, by reading what a selective clause leaves, or by the runs' headers.
 *
 * Reads stay near what the page needs: a walk reads runs a little ahead; after three pages' worth without filling one it
 * looks for a clause that leaves at most 2,000 runs. Runs equal in a walked field are read together (at most 20,000) where
 * further fields decide. A page may be shorter than asked, even empty, when `deadline` or `fits` ends it: the token leads
 * on.
 * @throws InvalidRequestError for a bad token, and where more runs must be compared than may be.
 */
export const searchRuns = async (search: RunSearch): Promise<RunPage> => {
  const identity = [
    'runs',
    [...new Set(search.experimentIds)].sort(),
    search.filter,
    withTies(search.orderBy, RUN_TIES),
    search.view,
  ];
  const prepared = prepare(search, identity);
  const { index, filter, view, maxResults, order, after } = prepared;
  const experimentIds = new Set(prepared.experimentIds);
  const matches = matcherOf(filter, runValue);
  const named = namedRuns(filter);
  const hotRuns = named === undefined ? await readHotRuns(prepared) : [];
  const request: PageRequest = {
    index,
    order,
    accepts: (run) =>
      experimentIds.has(run.info.experimentId) && isInView(run.info.lifecycleStage, view) && matches(run),
    maxResults,
    after,
    hotRuns,
    deadline: search.deadline ?? (() => false),
    fits: search.fits ?? (() => true),
    narrowAfter: named === undefined ? narrowAfter(prepared) : Number.POSITIVE_INFINITY,
    narrow: (covered) => narrowSource({ ...prepared, after: covered }, hotRuns.length > 0),
  };
  const { runs, next } = await collectPage(request, named === undefined ? orderedSource(prepared) : unordered(named));
  return { runs, ...(next === undefined ? {} : { nextPageToken: encodePageToken(identity, next) }) };
};
