import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotificationStore } from '../../shared/adapters/dynamodb/notifications.ts';
import { createMemoryNotificationStore } from '../../shared/adapters/memory/notification-store.ts';
import type { NotificationRecord } from '../../shared/core/notifications/index.ts';
import type { NotificationStore } from '../../shared/ports/notification-store.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const record = (change: Partial<NotificationRecord> = {}): NotificationRecord => ({
  id: 'drift-1',
  model: 'toy',
  event: 'drift',
  subject: 'drift',
  severity: 'high',
  title: 'toy drifts',
  text: 'by much',
  atMs: 1,
  openedAtMs: 1,
  heardAtMs: 1,
  tellings: [{ target: 'email a@example.com', round: 1, status: 'pending', attemptCount: 0, leasedUntilMs: 9 }],
  ...change,
});

const KINDS: readonly (readonly [string, () => NotificationStore])[] = [
  ['in memory', createMemoryNotificationStore],
  ['on DynamoDB', () => createNotificationStore({ client: tables.client, registryTable: tables.registryTable })],
];

describe.each(KINDS)('episodes of notifications %s', (_, open) => {
  it('change by what stands, and stay as they are where nothing is decided', async () => {
    const store = open();
    const place = { model: 'toy', subject: 'drift' };

    expect(await store.change(place, () => undefined)).toBeUndefined();
    expect(await store.change(place, () => record())).toEqual(record());
    const acknowledged = { by: 'me', atMs: 2, note: 'seen' };
    const next = await store.change(place, (standing) => standing && { ...standing, acknowledged });
    expect(next).toEqual(record({ acknowledged }));
    expect(await store.change(place, () => undefined)).toEqual(next);
    expect(await store.list('toy')).toEqual([next]);
    expect(await store.list('toy-2')).toEqual([]);
  });

  it('are kept when another one follows, the latest first', async () => {
    const store = open();
    const place = { model: 'follows', subject: 'drift' };
    const [first, second, third] = [1, 2, 3].map((n) =>
      record({ model: 'follows', id: `drift-${n}`, openedAtMs: n * 1_000, heardAtMs: n * 1_000 }),
    );

    for (const one of [first, second, third]) await store.change(place, () => one);

    expect(await store.list('follows')).toEqual([third, second, first]);
  });

  it('lose no change of many that come at once', async () => {
    const store = open();
    const place = { model: 'crowd', subject: 'drift' };
    await store.change(place, () => record({ model: 'crowd', tellings: [] }));
    const add = (n: number) =>
      store.change(place, (standing) => {
        const { tellings = [] } = standing ?? {};
        const telling = { target: `email ${n}`, round: 1, status: 'told', attemptCount: 1 } as const;
        return standing && { ...standing, tellings: [...tellings, telling] };
      });

    await Promise.all([1, 2, 3, 4, 5].map(add));

    const [found] = await store.list('crowd');
    expect(found?.tellings.map(({ target }) => target).toSorted()).toEqual([1, 2, 3, 4, 5].map((n) => `email ${n}`));
  });

  it('begin once when many hear of them at once', async () => {
    const store = open();
    const place = { model: 'race', subject: 'drift' };
    const hear = (n: number) =>
      store.change(place, (standing) =>
        standing === undefined ? record({ model: 'race', id: `drift-${n}` }) : undefined,
      );

    const ids = (await Promise.all([1, 2, 3].map(hear))).map((found) => found?.id);

    expect(new Set(ids).size).toBe(1);
    expect(await store.list('race')).toHaveLength(1);
  });
});
