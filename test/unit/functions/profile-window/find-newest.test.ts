import { expect, it } from 'vitest';
import { findNewest } from '../../../../functions/profile-window/find-newest.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { datasetDayKey } from '../../../../shared/contracts/artifacts.ts';

const NOW = Date.parse('2001-02-17T06:00Z');
const day = (name: string, rowsByHour: readonly number[], lastAtMs?: number) => ({
  day: name,
  sources: '',
  rowsByHour,
  versions: {},
  duplicateCount: 0,
  ...(lastAtMs === undefined ? {} : { lastAtMs }),
});

const newestOf = async (dataDays: readonly string[], days: readonly ReturnType<typeof day>[] = []) => {
  const store = createMemoryArtifactStore();
  for (const one of dataDays) await store.put(datasetDayKey('flights', one), new Uint8Array(1));
  let listings = 0;
  const list: typeof store.list = (...asked) => {
    listings += 1;
    return store.list(...asked);
  };
  return { ...(await findNewest({ list }, { days, dataset: 'flights', nowMs: NOW })), listings };
};

it.each([
  [['2001-02-15', '2001-02-16', '2001-03-01'], { lastDataDay: '2001-02-16', listings: 1 }],
  [['2001-01-20', '2001-01-30'], { lastDataDay: '2001-01-30', listings: 2 }],
  [['2001-01-17', '2000-12-01'], { listings: 2 }],
  [[], { listings: 2 }],
] as const)('of data of %j tells the newest day of the last thirty', async (days, expected) => {
  expect(await newestOf(days)).toEqual(expected);
});

it('tells when the newest prediction was made, of days of an earlier release the hour', async () => {
  const rows = [0, 3, 1, 0];
  const exact = Date.parse('2001-02-15T02:30Z');

  expect(await newestOf([], [day('2001-02-15', rows, exact), day('2001-02-16', [0, 0])])).toMatchObject({
    lastPredictionAtMs: exact,
  });
  expect(await newestOf([], [day('2001-02-15', rows)])).toMatchObject({
    lastPredictionAtMs: Date.parse('2001-02-15T02:00Z'),
  });
});
