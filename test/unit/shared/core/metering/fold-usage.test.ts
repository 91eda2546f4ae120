import { describe, expect, it } from 'vitest';
import { clientOf, meteredRequests, UNKNOWN_CLIENT } from '../../../../../shared/core/metering/index.ts';

const AT_MS = Date.UTC(2026, 10, 21, 12);
const line = (id: string, more: object = {}) => ({
  predictionId: `${id}-row`,
  atMs: AT_MS,
  version: 7,
  request: { id, rowCount: 3, principal: 'arn:aws:iam::1:user/ann' },
  ...more,
});

describe('usage of lines', () => {
  it('is one request and its rows, from whichever of its lines and however often they come', () => {
    const requests = meteredRequests();
    for (const one of [line('a'), line('a', { predictionId: 'other row' }), line('a'), line('b')]) requests.add(one);

    expect(requests.usageOf(new Set(['2026-11-21']))).toEqual([
      { day: '2026-11-21', version: 7, client: 'arn:aws:iam::1:user/ann', requestCount: 2, rowCount: 6 },
    ]);
  });

  it('tells requests with the same ids of rows apart, which callers may choose', () => {
    const requests = meteredRequests();
    for (const id of ['a', 'b']) requests.add(line(id, { predictionId: 'mine' }));

    expect(requests.usageOf(new Set(['2026-11-21']))[0]?.requestCount).toBe(2);
  });

  it('is by day, version and client, and of the days that are asked for', () => {
    const requests = meteredRequests();
    requests.add(line('a'));
    requests.add(line('b', { version: 6 }));
    requests.add(line('c', { atMs: Date.UTC(2026, 10, 22) }));

    expect(requests.days()).toEqual(['2026-11-21', '2026-11-22']);
    expect(requests.usageOf(new Set(['2026-11-21'])).map(({ version }) => version)).toEqual([6, 7]);
  });

  it('counts a line of before requests were captured as one row of nobody known', () => {
    const requests = meteredRequests();
    requests.add(line('a', { request: undefined }));

    expect(requests.usageOf(new Set(['2026-11-21']))).toMatchObject([
      { client: UNKNOWN_CLIENT, requestCount: 1, rowCount: 1 },
    ]);
  });
});

it.each([
  [{ apiKeyId: 'k1', principal: 'arn:aws:iam::1:user/ann' }, 'key:k1'],
  [{ principal: 'arn:aws:iam::1:user/ann' }, 'arn:aws:iam::1:user/ann'],
  [{ principal: 'arn:aws:sts::1:assumed-role/shop/session-8f3a' }, 'arn:aws:sts::1:assumed-role/shop'],
  [{}, UNKNOWN_CLIENT],
])('%j counts for %s', (caller, client) => {
  expect(clientOf(caller)).toBe(client);
});
