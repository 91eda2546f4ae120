import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/materialize-features/handler.ts';
import { openDuckDb } from '../../../../shared/adapters/duckdb/index.ts';
import { createMemoryOnlineStore } from '../../../../shared/adapters/memory/online-store.ts';
import { datasetDayKey } from '../../../../shared/contracts/artifacts.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import { entityDefinition } from '../../../helpers/entity-bench.ts';
import { BENCH_START_MS, dayRowsSql, openTrainingBench } from '../../../helpers/training-bench.ts';

const NOON_MS = BENCH_START_MS + 5 * DAY_MS + 0.5 * HOUR_MS;
const KINDS = ['a', 'b', 'c'].map((kind) => ({ view: 'kind', entity: [kind] }));

const open = async (days = 6, definition = entityDefinition()) => {
  const bench = openTrainingBench(definition);
  await bench.loadDays(0, days);
  const store = createMemoryOnlineStore();
  const read: string[] = [];
  const data = {
    list: bench.data.list,
    get: (key: string, etag?: string) => {
      read.push(key);
      return bench.data.get(key, etag);
    },
  };
  const handler = createHandler({
    definitions: new Map([[definition.name, definition]]),
    data,
    store,
    openEngine: (spillFolder) => openDuckDb({ spillFolder }),
    clock: { nowMs: () => NOON_MS + 5 },
  });
  const run = (atMs: number, view = 'kind') => handler({ model: 'toy', view, scheduledAt: isoTime(atMs) });
  return { bench, store, read, run, kinds: () => store.read('toy', KINDS) };
};

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('materialize-features', () => {
  it('writes, for every entity, what a row of it at that moment would be trained on', async () => {
    const { run, kinds } = await open();

    expect(await run(NOON_MS)).toEqual({ outcome: 'materialized', entityCount: 3, writtenCount: 3 });

    const engine = await openDuckDb();
    const rows = [4, 5].map((day) => `(${dayRowsSql(day)})`).join(' UNION ALL ');
    const expected =
      await engine.query(`SELECT kind, count(*) AS kind_rows, count(*) FILTER (late) / count(*) AS late_share
      FROM (${rows}) WHERE known_at_ms < ${NOON_MS} AND known_at_ms >= ${NOON_MS - DAY_MS} GROUP BY kind ORDER BY kind`);
    await engine.close();
    expect((await kinds()).map((found) => found && { ...found.values, at: found.eventAtMs })).toEqual(
      expected.map(({ kind_rows, late_share }, i) => ({
        kind_rows,
        late_share,
        zone: i === 0 ? 'America/Chicago' : 'Asia/Kolkata',
        at: NOON_MS,
      })),
    );
  });

  it('reads the days of the look-back only, and none that came later', async () => {
    const { run, read } = await open(8);

    await run(NOON_MS);

    const days = [3, 4, 5].map((day) => datasetDayKey('toys', utcDay(BENCH_START_MS + day * DAY_MS)));
    expect(read.toSorted()).toEqual(days);
  });

  it('does nothing while nothing became known, and works again when something does', async () => {
    const { run, bench, kinds } = await open(5);
    await run(NOON_MS);

    expect(await run(NOON_MS + HOUR_MS)).toEqual({ outcome: 'nothing new', eventAtMs: NOON_MS });
    await bench.loadDays(5, 6);
    // The day's rows become known one by one: none of them by half past twelve.
    expect(await run(NOON_MS + 2 * HOUR_MS)).toMatchObject({ outcome: 'materialized' });
    expect(await run(NOON_MS + 3 * HOUR_MS)).toMatchObject({ outcome: 'materialized' });
    expect((await kinds())[0]?.eventAtMs).toBe(NOON_MS + 3 * HOUR_MS);
  });

  it('leaves later values standing when it runs late', async () => {
    const { run, kinds } = await open();
    await run(NOON_MS + HOUR_MS);
    const before = await kinds();

    await run(NOON_MS);

    expect(await kinds()).toEqual(before);
  });

  it('writes nothing where no data is', async () => {
    const { run } = await open(0);

    expect(await run(NOON_MS)).toEqual({ outcome: 'materialized', entityCount: 0, writtenCount: 0 });
  });

  it('refuses a view that the model has not, and one whose rows stand at another time', async () => {
    const [view] = entityDefinition().featureViews!;
    const wrong = { ...view!, sql: 'SELECT DISTINCT kind, :as_of_ms + 1 AS at_ms FROM dataset' };
    const { run } = await open(6, entityDefinition({ featureViews: [wrong] }));

    await expect(run(NOON_MS, 'sort')).rejects.toThrow('model toy has no feature view "sort"; it has kind');
    await expect(run(NOON_MS)).rejects.toThrow('no row of view kind has its event at :as_of_ms');
  });

  it('refuses a view whose features depend on more than entity and moment', async () => {
    const [view] = entityDefinition().featureViews!;
    const { lookBackDays, ttlMinutes, entity } = view!;
    const wrong = {
      name: 'kind',
      entity,
      features: ['x'],
      sql: 'SELECT kind, x, :as_of_ms AS at_ms FROM dataset',
      lookBackDays,
      ttlMinutes,
    };
    const features = [{ name: 'x', type: 'number' as const }];
    const { data } = entityDefinition();
    const bare = { ...data, requestFeatures: [] };
    const { run } = await open(6, entityDefinition({ featureViews: [wrong], features, data: bare }));

    await expect(run(NOON_MS)).rejects.toThrow('must depend on entity and moment alone');
  });
});
