import { describe, expect, it } from 'vitest';
import {
  type Filter,
  parseRunFilter,
  parseRunOrderBy,
  type RunIndexReads,
  type RunSearch,
  searchRuns,
} from '../../../../../../shared/core/tracking/index.ts';
import { idOf, NO_PARAM_INDEX, type RunSketch, storeOf } from '../../../../../helpers/sketched-runs.ts';

const search = (
  index: RunIndexReads,
  more: Partial<RunSearch> & { readonly where?: string; readonly by?: readonly string[] },
) => {
  const { where, by = [], ...rest } = more;
  return searchRuns({
    index,
    experimentIds: ['1'],
    filter: parseRunFilter(where),
    orderBy: parseRunOrderBy(by),
    view: 'ACTIVE_ONLY',
    maxResults: 10,
    ...rest,
  });
};

describe('what a search of runs reads', () => {
  const spread = (count: number): readonly RunSketch[] =>
    Array.from({ length: count }, (_, at) => ({
      startTimeMs: at,
      metrics: { a: at },
      tags: at === 0 ? { t: 'rare' } : {},
    }));

  it('reads little more than a page of the newest runs', async () => {
    const { index, readCount } = await storeOf(spread(500));

    const { runs, nextPageToken } = await search(index, {});

    expect(runs.map(({ info }) => info.startTimeMs)).toEqual([499, 498, 497, 496, 495, 494, 493, 492, 491, 490]);
    expect(nextPageToken).toBeDefined();
    expect(readCount()).toBeLessThanOrEqual(15);
  });

  it('reads little more than a page by a metric, and on a later page', async () => {
    const { index, readCount } = await storeOf(spread(500));

    const first = await search(index, { by: ['metrics.a'] });
    const second = await search(index, { by: ['metrics.a'], pageToken: first.nextPageToken! });

    expect(second.runs[0]?.metrics.a?.value).toBe(10);
    expect(readCount()).toBeLessThanOrEqual(30);
  });

  it('gives up walking where a clause leaves few runs', async () => {
    const { index, readCount } = await storeOf(spread(3_000));

    const { runs } = await search(index, { where: "tags.t = 'rare'" });

    expect(runs).toHaveLength(1);
    expect(readCount()).toBeLessThan(900);
  });

  it('reads named runs directly', async () => {
    const { index, readCount } = await storeOf(spread(500));

    const { runs } = await search(index, { where: `run_id IN ('${idOf(3)}', '${idOf(4)}')` });

    expect(runs.map(({ info }) => info.runId)).toEqual([idOf(4), idOf(3)]);
    expect(readCount()).toBe(2);
  });

  it('orders by an attribute from headers alone, and reads the runs of the page', async () => {
    const { index, readCount } = await storeOf(
      spread(500).map((one) => ({ ...one, endTimeMs: -(one.startTimeMs ?? 0) })),
    );

    const { runs } = await search(index, { by: ['end_time ASC'] });

    expect(runs[0]?.info.startTimeMs).toBe(499);
    expect(readCount()).toBeLessThanOrEqual(15);
  });

  it('asks the headers where a clause on an attribute leaves few runs', async () => {
    const { index, readCount } = await storeOf(
      spread(900).map((one, at) => ({ ...one, status: at % 300 === 0 ? 'FINISHED' : 'RUNNING' })),
    );

    const byTime = await search(index, { where: "status = 'FINISHED'" });
    const byMetric = await search(index, { where: "status = 'FINISHED'", by: ['metrics.a ASC'] });

    expect(byTime.runs.map(({ info }) => info.startTimeMs)).toEqual([600, 300, 0]);
    expect(byMetric.runs.map(({ info }) => info.startTimeMs)).toEqual([0, 300, 600]);
    expect(readCount()).toBeLessThan(1_500);
  });

  it('finds hot runs too by a clause on a metric that they alone have not indexed', async () => {
    const { index } = await storeOf(
      spread(900).map((one, at) => ({ ...one, hot: at % 450 === 0, ...(at % 450 ? {} : { metrics: { rare: -at } }) })),
    );

    const { runs } = await search(index, { where: 'metrics.rare <= 0' });

    expect(runs.map(({ info }) => info.startTimeMs)).toEqual([450, 0]);
  });

  it('asks an indexed clause first where the order has no index', async () => {
    const { index, readCount } = await storeOf(spread(900));

    const { runs } = await search(index, { where: "tags.t = 'rare'", by: [`params.${NO_PARAM_INDEX.key}`] });

    expect(runs).toHaveLength(1);
    expect(readCount()).toBe(1);
  });

  it.each([
    ['metrics.v < 0', -3],
    ['metrics.v <= -3', -3],
    ['metrics.v > 2', 3],
    ['metrics.v >= 3', 3],
    ['metrics.v = 3', 3],
  ])('narrows by %s', async (where, value) => {
    const rare: RunSketch = { startTimeMs: -1, metrics: { v: value } };
    const nan: RunSketch = { startTimeMs: -2, metrics: { v: Number.NaN } };
    const { index, readCount } = await storeOf([...spread(900), rare, nan]);

    const { runs } = await search(index, { where });

    expect(runs.map(({ info }) => info.startTimeMs)).toEqual([-1]);
    expect(readCount()).toBeLessThan(700);
  });

  it('finds nothing in no experiment', async () => {
    const { index } = await storeOf(spread(3));

    expect(await search(index, { experimentIds: [] })).toEqual({ runs: [] });
  });

  it('ends a page that time cuts where it stopped, though it found nothing', async () => {
    const { index } = await storeOf(spread(100));

    const cut = await search(index, { where: "tags.t = 'rare'", deadline: () => true });

    expect(cut.runs).toEqual([]);
    expect(cut.nextPageToken).toBeDefined();
  });
});

describe('page tokens of a search of runs', () => {
  it('refuses the token of another search', async () => {
    const { index } = await storeOf(Array.from({ length: 30 }, (_, at) => ({ startTimeMs: at, metrics: { a: at } })));
    const { nextPageToken } = await search(index, { by: ['metrics.a'] });

    for (const other of [
      { by: ['metrics.a DESC'] },
      { by: ['metrics.a'], where: 'metrics.a > 1' },
      { by: ['metrics.a'], view: 'ALL' as const },
      { by: ['metrics.a'], experimentIds: ['1', '2'] },
    ]) {
      await expect(search(index, { ...other, pageToken: nextPageToken! })).rejects.toThrow(/another search/);
    }
    await expect(search(index, { by: ['metrics.a'], maxResults: 3, pageToken: nextPageToken! })).resolves.toBeDefined();
  });

  it('refuses what no search gave out', async () => {
    const { index } = await storeOf([]);

    for (const pageToken of ['junk', '!!', btoa('[]'), btoa('{"offset":1}'), btoa('null')]) {
      await expect(search(index, { pageToken })).rejects.toMatchObject({ name: 'InvalidRequestError' });
    }
  });
});

const filterOf = (filter: Filter): Filter => filter;

describe('a group of equals', () => {
  it('is refused, with advice, when it is too large to be compared', async () => {
    const many: RunIndexReads = {
      keeps: () => true,
      walk: async ({ after, limit }) => ({
        entries: Array.from({ length: limit }, (_, at) => ({
          runId: String(Number(after?.runId || 0) + at + 1).padStart(8, '0'),
          startTimeMs: 1,
          value: 1,
        })),
        hasMore: true,
      }),
      hotRuns: async () => [],
      readRuns: async () => [],
      headers: async () => ({ headers: [], hasMore: false }),
    };

    const refused = search(many, { filter: filterOf([]), by: ['metrics.a', 'params.p'] });

    await expect(refused).rejects.toThrow(/more than 20000 runs must be compared to order by metric 'a'/);
  });
});
