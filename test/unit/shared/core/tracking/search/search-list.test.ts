import { describe, expect, it } from 'vitest';
import { type OrderBy, parseTraceFilter, searchList } from '../../../../../../shared/core/tracking/index.ts';

interface Thing {
  readonly id: string;
  readonly size?: number;
}

const attribute = (key: string, ascending: boolean): OrderBy => ({ field: { kind: 'attribute', key }, ascending });
const THINGS: readonly Thing[] = [
  { id: 'a', size: 1 },
  { id: 'b' },
  { id: 'c', size: Number.NaN },
  { id: 'd', size: 2 },
  { id: 'e', size: 1 },
];

const search = (sizeAscending: boolean, maxResults: number, pageToken?: string, scope?: unknown) =>
  searchList<Thing>({
    entities: THINGS,
    readField: (thing, { key }) => (key === 'size' ? thing.size : thing.id),
    filter: parseTraceFilter(''),
    orderBy: [attribute('size', sizeAscending), attribute('id', true)],
    maxResults,
    ...(pageToken === undefined ? {} : { pageToken }),
    ...(scope === undefined ? {} : { scope }),
  });

describe('searching a list', () => {
  it('puts numbers first, then NaN, then nothing, either way', () => {
    expect(
      search(true, 9)
        .entities.map(({ id }) => id)
        .join(''),
    ).toBe('aedcb');
    expect(
      search(false, 9)
        .entities.map(({ id }) => id)
        .join(''),
    ).toBe('daecb');
  });

  it('pages without gaps, and ends without a token', () => {
    const first = search(true, 2);
    const second = search(true, 2, first.nextPageToken);
    const third = search(true, 2, second.nextPageToken);

    expect([first, second, third].flatMap(({ entities }) => entities.map(({ id }) => id)).join('')).toBe('aedcb');
    expect(third.nextPageToken).toBeUndefined();
    expect(search(true, 5).nextPageToken).toBeUndefined();
  });

  it('refuses the token of another order or scope', () => {
    const token = search(true, 2).nextPageToken;

    expect(() => search(false, 2, token)).toThrow(/another search/);
    expect(() => search(true, 2, token, 'view')).toThrow(/another search/);
  });

  it('takes an empty token for none', () => {
    expect(search(true, 1, '').entities[0]?.id).toBe('a');
  });
});
