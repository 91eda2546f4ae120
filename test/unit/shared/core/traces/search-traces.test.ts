import { describe, expect, it } from 'vitest';
import { searchTraces, type TraceEntry, type WalkTraces } from '../../../../../shared/core/traces/index.ts';
import { parseTraceFilter, parseTraceOrderBy } from '../../../../../shared/core/tracking/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const entry = (traceId: string, requestTimeMs: number, experimentId = '1'): TraceEntry => ({
  info: {
    traceId,
    experimentId,
    requestTimeMs,
    executionDurationMs: requestTimeMs % 7,
    state: requestTimeMs % 2 === 0 ? 'OK' : 'ERROR',
    metadata: { 'mlflow.sourceRun': `run${requestTimeMs % 3}` },
    tags: { 'mlflow.traceName': traceId },
  },
  linkedRunIds: requestTimeMs === 4 ? ['linked'] : [],
});

/** The store's order: descending time with ascending ids, or all of it the other way round. */
const walkOver =
  (entries: readonly TraceEntry[], step = 2): WalkTraces =>
  async ({ experimentId, ascending, fromMs, toMs, after, limit }) => {
    const key = ({ requestTimeMs, traceId }: { requestTimeMs: number; traceId: string }) =>
      `${String(99_999 - requestTimeMs).padStart(5, '0')}#${traceId}`;
    const sorted = entries
      .filter(({ info }) => info.experimentId === experimentId)
      .filter(({ info }) => info.requestTimeMs >= fromMs && info.requestTimeMs <= toMs)
      .sort((a, b) => (key(a.info) < key(b.info) ? -1 : 1));
    if (ascending) sorted.reverse();
    const begin = after === undefined ? 0 : sorted.findIndex(({ info }) => key(info) === key(after)) + 1;
    const size = Math.min(limit, step);
    return { entries: sorted.slice(begin, begin + size), hasMore: begin + size < sorted.length };
  };

const readAll = async (
  walk: WalkTraces,
  options: { experimentIds?: readonly string[]; filter?: string; orderBy?: readonly string[]; maxResults: number },
): Promise<readonly string[]> => {
  const ids: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await searchTraces(
      {
        experimentIds: options.experimentIds ?? ['1', '2'],
        filter: parseTraceFilter(options.filter),
        orderBy: parseTraceOrderBy(options.orderBy ?? []),
        maxResults: options.maxResults,
        ...(pageToken === undefined ? {} : { pageToken }),
      },
      walk,
    );
    expect(page.infos.length).toBeLessThanOrEqual(options.maxResults);
    ids.push(...page.infos.map(({ traceId }) => traceId));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return ids;
};

const ENTRIES = [
  entry('e', 1),
  entry('b', 4),
  entry('a', 4),
  entry('c', 4, '2'),
  entry('d', 9, '2'),
  entry('f', 6),
  entry('z', 5, '3'),
];

describe('searchTraces', () => {
  it.each([
    [[], ['d', 'f', 'a', 'b', 'c', 'e']],
    [['timestamp_ms DESC'], ['d', 'f', 'a', 'b', 'c', 'e']],
    [['timestamp_ms ASC'], ['e', 'a', 'b', 'c', 'f', 'd']],
    [['name ASC'], ['a', 'b', 'c', 'd', 'e', 'f']],
    [
      ['execution_time_ms ASC', 'timestamp_ms ASC'],
      ['e', 'd', 'a', 'b', 'c', 'f'],
    ],
  ])('orders by %j whatever the size of its pages', async (orderBy, expected) => {
    for (const maxResults of [1, 2, 3, 100]) {
      expect(await readAll(walkOver(ENTRIES), { orderBy, maxResults })).toEqual(expected);
    }
  });

  it.each([
    ["status = 'ERROR'", ['d', 'e']],
    ['timestamp_ms >= 4 AND timestamp_ms < 9', ['f', 'a', 'b', 'c']],
    ["trace.timestamp_ms = 4 AND name != 'a'", ['b', 'c']],
    ["run_id = 'linked'", ['a', 'b', 'c']],
    ["metadata.`mlflow.sourceRun` = 'run1'", ['a', 'b', 'c', 'e']],
    ["tags.absent = 'x'", []],
    ["request_id IN ('a', 'e')", ['a', 'e']],
  ])('finds by %s', async (filter, expected) => {
    expect(await readAll(walkOver(ENTRIES), { filter, maxResults: 2 })).toEqual(expected);
  });

  it('asks the store only for the time that the filter leaves', async () => {
    const asked: unknown[] = [];
    const walk: WalkTraces = async (request) => {
      asked.push([request.fromMs, request.toMs]);
      return { entries: [], hasMore: false };
    };

    await readAll(walk, { experimentIds: ['1'], filter: 'timestamp_ms > 10.5 AND timestamp_ms <= 20', maxResults: 1 });

    expect(asked).toEqual([[10, 20]]);
  });

  it('goes on where it was when time is short, and finds all', async () => {
    const search = {
      experimentIds: ['1', '2'],
      filter: parseTraceFilter("name = 'e'"),
      orderBy: parseTraceOrderBy([]),
    };
    let pageToken: string | undefined;
    let pages = 0;
    const found: string[] = [];
    do {
      const page = await searchTraces(
        { ...search, maxResults: 5, timeIsShort: () => true, ...(pageToken === undefined ? {} : { pageToken }) },
        walkOver(ENTRIES),
      );
      found.push(...page.infos.map(({ traceId }) => traceId));
      pageToken = page.nextPageToken;
      pages += 1;
    } while (pageToken !== undefined);

    expect({ found, pages }).toEqual({ found: ['e'], pages: 6 });
  });

  it('refuses a token of another search, and junk', async () => {
    const search = { experimentIds: ['1'], filter: [], orderBy: parseTraceOrderBy([]), maxResults: 1 };
    const { nextPageToken = '' } = await searchTraces(search, walkOver(ENTRIES));

    const elsewhere = () => searchTraces({ ...search, experimentIds: ['2'], pageToken: nextPageToken }, walkOver([]));
    await expect(elsewhere()).rejects.toThrow(/another search/);
    await expect(searchTraces({ ...search, pageToken: 'junk' }, walkOver([]))).rejects.toThrow(/Invalid page token/);
  });

  it('gives each trace once in one order, for any traces and pages', async () => {
    const traces = fc.uniqueArray(fc.tuple(fc.nat(60), fc.nat(4), fc.constantFrom('1', '2')), {
      selector: ([id]) => id,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(traces, fc.boolean(), fc.integer({ min: 1, max: 9 }), async (drawn, ascending, maxResults) => {
        const entries = drawn.map(([id, time, experimentId]) =>
          entry(`t${String(id).padStart(2, '0')}`, time, experimentId),
        );
        const expected = entries
          .map(({ info }) => info)
          .sort(
            (a, b) =>
              (ascending ? a.requestTimeMs - b.requestTimeMs : b.requestTimeMs - a.requestTimeMs) ||
              (a.traceId < b.traceId ? -1 : 1),
          )
          .map(({ traceId }) => traceId);

        const found = await readAll(walkOver(entries, 3), {
          orderBy: [ascending ? 'timestamp_ms ASC' : 'timestamp_ms DESC'],
          maxResults,
        });

        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
