import { expect, it } from 'vitest';
import { firstArrivalDay, pendingHours } from '../../../../functions/plan-folds/pending-hours.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { foldedPrefix, markerName } from '../../../../shared/contracts/monitoring-keys.ts';

it('looks from the day before the window on', () => {
  expect(firstArrivalDay(Date.parse('2001-02-17T06:00Z'), 2)).toBe('2001-02-14');
});

it('finds the hours from a day on that have an object without a marker, by two listings', async () => {
  const store = createMemoryArtifactStore();
  const put = async (key: string, body: string): Promise<{ key: string; etag: string }> => {
    const { etag } = await store.put(key, new TextEncoder().encode(body));
    return { key, etag };
  };
  await put('capture/toy/2001/02/13/23/before', 'x');
  await put('capture/toy-2/2001/02/14/00/of-another', 'x');
  const folded = await put('capture/toy/2001/02/14/00/folded', 'x');
  await put('capture/toy/2001/02/14/00/one', 'xx');
  await put('capture/toy/2001/02/14/00/two', 'xxx');
  const whole = await put('capture/toy/2001/02/14/05/whole', 'x');
  await put('capture/toy/2001/02/15/01/last', 'x');
  for (const { key, etag } of [folded, whole])
    await put(`${foldedPrefix('toy', 'f', '2001-02-14')}${markerName(key, etag)}`, '');
  // Of an earlier release, which told the labels in the name.
  const { key, etag } = await put('capture/toy/2001/02/15/02/old', 'x');
  await put(`${foldedPrefix('toy', 'f', '2001-02-15')}${markerName(key, etag).replace(/json$/, '7')}`, '');
  let listings = 0;
  const list: typeof store.list = (...asked) => {
    listings += 1;
    return store.list(...asked);
  };

  expect(await pendingHours({ list }, { model: 'toy', foldId: 'f', fromDay: '2001-02-14' })).toEqual([
    { day: '2001-02-14', hour: '00', sizeBytes: 5 },
    { day: '2001-02-15', hour: '01', sizeBytes: 1 },
  ]);
  expect(listings).toBe(2);
});
