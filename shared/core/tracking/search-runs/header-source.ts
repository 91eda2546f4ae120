import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { RunInfo } from '../run.ts';
import { runAttribute, runValue } from '../run-fields.ts';
import { matcherOf } from '../search/match-filter.ts';
import { comparePositions, type Position, positionOf } from '../search/order.ts';
import type { Field, Filter, ViewType } from '../search.ts';
import { isInView } from '../view.ts';
import { type CandidateSource, MAX_GROUP_SIZE } from './candidate-source.ts';
import type { RunEntry, RunIndexReads } from './run-index-reads.ts';
import type { Level } from './walk-source.ts';

const PAGE = 1_000;
const MAX_HEADERS = 200_000;

export interface HeaderSearch {
  readonly index: RunIndexReads;
  readonly experimentIds: readonly string[];
  readonly filter: Filter;
  readonly view: ViewType;
}

const isAttribute = (field: Field): boolean => field.kind === 'attribute';

const readAttribute = (info: RunInfo, field: Field): number | string | undefined => runAttribute(info, field);

/** All headers of an experiment, page by page. */
async function* headerPages(index: RunIndexReads, experimentId: string): AsyncGenerator<readonly RunInfo[]> {
  let after: RunEntry | undefined;
  for (;;) {
    const { headers, hasMore } = await index.headers({
      experimentId,
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
    });
    yield headers;
    const last = headers.at(-1);
    if (!hasMore || last === undefined) return;
    after = { runId: last.runId, startTimeMs: last.startTimeMs, value: last.startTimeMs };
  }
}

/** The headers that satisfy the view and the clauses on attributes; undefined for more than 200,000 or when `stop` says so. */
export const readHeaders = async (
  { index, experimentIds, filter, view }: HeaderSearch,
  stop: () => boolean,
): Promise<readonly RunInfo[] | undefined> => {
  const matches = matcherOf(
    filter.filter(({ field }) => isAttribute(field)),
    readAttribute,
  );
  const found: RunInfo[] = [];
  let readCount = 0;
  for (const experimentId of experimentIds) {
    for await (const headers of headerPages(index, experimentId)) {
      readCount += headers.length;
      if (readCount > MAX_HEADERS || stop()) return undefined;
      found.push(...headers.filter((header) => isInView(header.lifecycleStage, view) && matches(header)));
    }
  }
  return found;
};

interface Placed {
  readonly runId: string;
  readonly place: Position;
}

/** Headers in the order of the attributes that come first in the level's order, those before its position left out. */
const placeHeaders = ({ order, after }: Level, headers: readonly RunInfo[], fieldCount: number): readonly Placed[] => {
  const leading = order.slice(0, fieldCount);
  const exact = fieldCount === order.length;
  const isLeft = ({ place }: Placed): boolean => {
    if (after === undefined) return true;
    const compared = comparePositions(order, place, after, fieldCount);
    return exact ? compared > 0 : compared >= 0;
  };
  return headers
    .map((info) => ({ runId: info.runId, place: positionOf(leading, readAttribute, info) }))
    .filter(isLeft)
    .sort((a, b) => comparePositions(leading, a.place, b.place));
};

/** Runs in an order of attributes, by what the headers say, which are read whole when they are not given. */
export const headerSource = (level: Level, search: HeaderSearch, given?: readonly RunInfo[]): CandidateSource => {
  const { order, missing } = level;
  const firstOther = order.findIndex(({ field }) => !isAttribute(field));
  const fieldCount = firstOther < 0 ? order.length : firstOther;
  const exact = firstOther < 0;
  let left: readonly Placed[] | undefined;
  let at = 0;
  const read = async (): Promise<readonly Placed[]> => {
    const headers = given ?? (await readHeaders(search, () => false));
    if (headers !== undefined) return placeHeaders(level, headers, fieldCount);
    throw new InvalidRequestError(
      `these experiments have more than ${MAX_HEADERS} runs: order them by start_time, or by a metric, param or tag`,
    );
  };
  return {
    next: async (count) => {
      left ??= await read();
      let end = Math.min(at + count, left.length);
      const together = (a: Placed | undefined, b: Placed | undefined): boolean =>
        !exact && a !== undefined && b !== undefined && comparePositions(order, a.place, b.place, fieldCount) === 0;
      while (end > at && together(left[end - 1], left[end])) end += 1;
      if (end - at > Math.max(count, MAX_GROUP_SIZE)) {
        throw new InvalidRequestError(
          `more than ${MAX_GROUP_SIZE} runs are equal in ${order[0]?.field.key}; narrow the filter, or order by attributes alone`,
        );
      }
      const taken = left.slice(at, end);
      const last = taken.at(-1);
      at = end;
      if (last === undefined) return undefined;
      return {
        candidates: taken.map(({ runId }) => ({
          runId,
          holds: (run) => missing.every(({ field }) => runValue(run, field) === undefined),
        })),
        ...(exact ? { covers: [...missing.map(() => null), ...last.place] } : {}),
      };
    },
  };
};
