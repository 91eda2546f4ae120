import { describe, expect, it } from 'vitest';
import {
  type AskedRow,
  completeRows,
  type EntityKey,
  type EntityValues,
  onlinePlanOf,
} from '../../../../../../shared/core/features/index.ts';
import { HOUR_MS } from '../../../../../../shared/kernel/time.ts';
import { entityDefinition } from '../../../../../helpers/entity-bench.ts';

const NOW_MS = Date.UTC(2001, 0, 6, 14);
const standing = (values: EntityValues['values'], ageHours = 1): EntityValues => ({
  values,
  eventAtMs: NOW_MS - ageHours * HOUR_MS,
  createdAtMs: NOW_MS,
});
const A = { late_share: 0.25, kind_rows: 40, zone: 'America/Chicago' };
const STORE: Readonly<Record<string, EntityValues>> = {
  a: standing(A),
  bare: standing({ ...A, late_share: null }),
  old: standing(A, 3),
  former: standing({ late_share: 0.5, kind_rows: 1 }),
};

type OnMissing = 'refuse' | 'null' | Readonly<Record<string, number | string | null>>;

const open = (onMissing: OnMissing = 'refuse') => {
  const [view] = entityDefinition().featureViews!;
  const plan = onlinePlanOf(entityDefinition({ featureViews: [{ ...view!, onMissing }] }))!;
  const reads: string[][] = [];
  const read = async (keys: readonly EntityKey[]) => {
    reads.push(keys.map(({ entity }) => entity.join()));
    return keys.map(({ entity }) => STORE[entity[0] ?? '']);
  };
  return { reads, complete: (...rows: AskedRow[]) => completeRows(plan, rows, { read, nowMs: () => NOW_MS }) };
};

const ask = (kind: string, more: Partial<AskedRow> = {}): AskedRow => ({
  features: {},
  entities: { kind },
  values: { at: '2001-01-06T08:30:00-06:00', x: 1 },
  ...more,
});

describe('a row that names entities', () => {
  it('has the stored features, and those of the request computed from both', async () => {
    const [row] = await open().complete(ask('a'));

    expect(row).toEqual({
      features: { late_share: 0.25, kind_rows: 40, hour: 8, excess: 0.75 },
      online: {
        entities: { kind: 'a' },
        values: { at: Date.UTC(2001, 0, 6, 14, 30), x: 1 },
        views: { kind: { status: 'PRESENT', eventAtMs: NOW_MS - HOUR_MS } },
        given: [],
      },
    });
  });

  it('is read with all others of the request in one batch, each entity once; rows with features stay as they came', async () => {
    const { complete, reads } = open();

    const rows = await complete(ask('a'), { features: { late_share: 7 } }, ask('bare'), ask('a'));

    expect(reads).toEqual([['a', 'bare']]);
    expect(rows.map(({ features }) => features.late_share)).toEqual([0.25, 7, null, 0.25]);
    expect(rows.map(({ online }) => online !== undefined)).toEqual([true, false, true, true]);
    // Without the share there is no excess over it.
    expect(rows[2]?.features.excess).toBeNull();
  });

  it('may give features beside, which win; a view of which nothing is needed is not read', async () => {
    const { complete, reads } = open();
    const all = { late_share: 0.1, kind_rows: 2, hour: 3, excess: 4 };

    const [some, every] = [
      (await complete(ask('a', { features: { late_share: 0.9 } })))[0],
      (await complete(ask('never', { features: all })))[0],
    ];

    expect(some?.features).toEqual({ late_share: 0.9, kind_rows: 40, hour: 8, excess: 0.75 });
    expect(some?.online?.given).toEqual(['late_share']);
    expect(every?.features).toEqual(all);
    expect(reads).toEqual([['a']]);
  });

  it('is refused where its view refuses what it does not know or what is too old', async () => {
    const { complete } = open();

    await expect(complete(ask('a'), ask('nobody'))).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: 'instances[1].entities: view kind knows no kind "nobody"',
    });
    await expect(complete(ask('old'))).rejects.toMatchObject({
      name: 'UnavailableError',
      message:
        'body.entities: view kind has kind "old" as of 2001-01-06T11:00:00.000Z, which is older than 120 minutes',
    });
    await expect(complete(ask('former'))).rejects.toThrow('view kind knows no kind "former"');
  });

  it('has the policy’s values where the view says so', async () => {
    const { complete } = open({ kind_rows: 0, zone: 'UTC' });

    const rows = await complete(ask('nobody'), ask('old'));

    for (const row of rows) expect(row.features).toEqual({ late_share: null, kind_rows: 0, hour: 14, excess: null });
    expect(rows.map(({ online }) => online?.views.kind)).toEqual([
      { status: 'NOT_FOUND' },
      { status: 'OUTSIDE_MAX_AGE', eventAtMs: NOW_MS - 3 * HOUR_MS },
    ]);
  });

  it.each<[Partial<AskedRow>, string]>([
    [{ entities: {} }, 'body.entities lacks kind, the key of view kind'],
    [{ entities: { kind: 5 } }, 'body.entities.kind must be text of 1 to 128 characters, got 5'],
    [{ entities: { kind: '' } }, 'body.entities.kind must be text of 1 to 128 characters, got ""'],
    [{ entities: { sort: 'a' } }, 'body.entities has the unknown key "sort"; allowed: kind'],
    [{ values: { x: 1 } }, 'body.values lacks at'],
    [
      { values: { at: '2001-01-06T14:00:00', x: 1 } },
      'body.values.at must be a time as ISO 8601 with a zone, such as 2001-02-18T14:00:00Z, or whole epoch ms, got "2001-01-06T14:00:00"',
    ],
    [{ values: { at: '2001-02-31T14:00:00Z', x: 1 } }, 'body.values.at must be a time as ISO 8601 with a zone'],
    [{ values: { at: 0.5, x: 1 } }, 'body.values.at must be a time as ISO 8601 with a zone'],
    [{ values: { at: 0, x: '1' } }, 'body.values.x must be a finite number or null, got "1"'],
    [{ values: { at: 0, y: 1 } }, 'body.values has the unknown key "y"; allowed: at, x'],
  ])('with %j is refused by name', async (change, message) => {
    await expect(open().complete(ask('a', change))).rejects.toThrow(message);
  });
});
