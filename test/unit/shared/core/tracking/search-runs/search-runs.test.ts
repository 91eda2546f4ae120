import { describe, expect, it } from 'vitest';
import { searchRuns } from '../../../../../../shared/core/tracking/index.ts';
import { fc } from '../../../../../helpers/properties.ts';
import {
  type Asked,
  asked,
  manyRuns,
  modelOf,
  pagesOf,
  sketch,
  slices,
  storeOf,
  TEXTS,
} from '../../../../../helpers/sketched-runs.ts';

describe('searching runs, against a naive model', () => {
  it('finds the same runs in the same order, page by page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sketch, { maxLength: 40 }),
        asked,
        fc.integer({ min: 1, max: 12 }),
        async (sketches, search, maxResults) => {
          const { runs, index } = await storeOf(sketches);

          const pages = await pagesOf({ index, maxResults, ...search });

          const full = slices(modelOf(runs, search), maxResults);
          expect(pages.filter((page) => page.length > 0)).toEqual(full);
          expect(pages.findIndex((page) => page.length === 0)).toBeOneOf([-1, full.length]);
        },
      ),
      { numRuns: 250 },
    );
  });

  it('orders texts by all of their characters, though indexes hold the first 600 bytes', async () => {
    const long = fc.constantFrom(...TEXTS.filter((one) => one.length > 100));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ params: fc.record({ p: long }), startTimeMs: fc.integer({ min: 0, max: 3 }) }), {
          minLength: 3,
          maxLength: 12,
        }),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (sketches, ascending, maxResults) => {
          const { runs, index } = await storeOf(sketches);
          const search: Asked = {
            experimentIds: ['1'],
            filter: [],
            orderBy: [{ field: { kind: 'param', key: 'p' }, ascending }],
            view: 'ALL',
          };

          const pages = await pagesOf({ index, maxResults, ...search });

          expect(pages.flat()).toEqual(modelOf(runs, search));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('finds the same when it narrows by a clause instead of walking on', async () => {
    const { runs, index } = await storeOf(manyRuns());
    await fc.assert(
      fc.asyncProperty(asked, fc.constantFrom(1, 7, 40, 300), async (search, maxResults) => {
        const wanted = modelOf(runs, search);
        const cut = wanted.slice(0, 4 * maxResults);
        const found: string[] = [];
        let pageToken: string | undefined;
        do {
          const page = await searchRuns({
            index,
            maxResults,
            ...search,
            ...(pageToken === undefined ? {} : { pageToken }),
          });
          found.push(...page.runs.map(({ info }) => info.runId));
          pageToken = page.nextPageToken;
        } while (pageToken !== undefined && found.length < 4 * maxResults);

        expect(found.slice(0, 4 * maxResults)).toEqual(cut);
      }),
      { numRuns: 25 },
    );
  });

  it('finds the same when time is short on every page, and gets on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sketch, { maxLength: 40 }),
        asked,
        fc.integer({ min: 1, max: 12 }),
        async (sketches, search, maxResults) => {
          const { runs, index } = await storeOf(sketches);

          const pages = await pagesOf({ index, maxResults, deadline: () => true, ...search });

          expect(pages.flat()).toEqual(modelOf(runs, search));
          expect(pages.every((page) => page.length <= maxResults)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('finds the same when pages are cut by the size of their runs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sketch, { maxLength: 30 }), asked, async (sketches, search) => {
        const { runs, index } = await storeOf(sketches);
        const found: string[] = [];
        let pageToken: string | undefined;
        do {
          let weighed = 0;
          const page = await searchRuns({
            index,
            maxResults: 10,
            fits: () => {
              weighed += 1;
              return weighed % 4 !== 0;
            },
            ...search,
            ...(pageToken === undefined ? {} : { pageToken }),
          });
          expect(page.runs.length).toBeLessThanOrEqual(3);
          found.push(...page.runs.map(({ info }) => info.runId));
          pageToken = page.nextPageToken;
        } while (pageToken !== undefined);

        expect(found).toEqual(modelOf(runs, search));
      }),
      { numRuns: 100 },
    );
  });
});
