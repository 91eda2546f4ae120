import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import flightDelay from '../../../../models/flight-delay/model.ts';
import { openDuckDb } from '../../../../shared/adapters/duckdb/index.ts';
import {
  completeRow,
  computeView,
  decodeEntityRow,
  type EntityValues,
  entityKeysOf,
  entityText,
  ingestedTableSql,
  onlinePlanOf,
  sourceFileViewSql,
  transformSql,
  viewSqlOf,
} from '../../../../shared/core/features/index.ts';
import { DAY_MS, isoTime } from '../../../../shared/kernel/time.ts';

/** Real flights: what is served by entity against what training computes, value by value. */

const { data, features, featureViews = [] } = flightDelay;
const names = features.map(({ name }) => name);
const [FROM, TO] = [Date.UTC(2001, 2, 27), Date.UTC(2001, 3, 5)];
type Row = Readonly<Record<string, unknown>>;
type View = (typeof featureViews)[number];

const engine = await openDuckDb({ memoryLimitMb: 2_000 });
afterAll(() => engine.close());

/** Flights that really depart at these moments, with the features that training gives them of the whole dataset. */
let departures: readonly Row[];
let moments: readonly number[];

beforeAll(async () => {
  await engine.execute(sourceFileViewSql(`node_modules/${data.source.package}/${data.source.file}`));
  // Through the change to daylight saving time on 1 April, with a week before it for the look-backs.
  await engine.execute(`ALTER VIEW source_file RENAME TO whole_file;
    CREATE VIEW source_file AS FROM whole_file WHERE date >= TIMESTAMP '2001-03-18' AND date < TIMESTAMP '2001-04-06'`);
  await engine.execute(ingestedTableSql(data.source.ingestSql));
  await engine.execute('CREATE VIEW dataset AS FROM ingested');
  await engine.execute(`CREATE TABLE trained AS SELECT * FROM (${transformSql(data)})
    WHERE event_at_ms >= ${FROM} AND event_at_ms < ${TO}`);
  // Moments a few hours apart at which many flights leave from many airports.
  const busy =
    await engine.query(`SELECT event_at_ms, count(DISTINCT origin) AS origins FROM trained GROUP BY event_at_ms
    QUALIFY row_number() OVER (PARTITION BY event_at_ms // ${37 * 3_600_000} ORDER BY origins DESC, event_at_ms) = 1
    ORDER BY event_at_ms`);
  moments = busy.map(({ event_at_ms }) => Number(event_at_ms));
  departures = await engine.query(`FROM trained WHERE event_at_ms IN (${moments.join(', ')}) ORDER BY row_key`);
}, 120_000);

describe('flight-delay by origin, destination and time alone', () => {
  it('is served, for the same moment, exactly the features that training computes', async () => {
    const plan = onlinePlanOf(flightDelay)!;
    const online = new Map<string, EntityValues>();
    const materialize = async (view: View, momentMs: number, fromMs: number): Promise<void> => {
      await engine.execute(`CREATE OR REPLACE TABLE known_rows AS FROM ingested
        WHERE known_at_ms >= ${fromMs} AND known_at_ms < ${momentMs + DAY_MS}`);
      for (const { entity, eventAtMs, values } of await computeView(engine, data, viewSqlOf(features, view), [
        momentMs,
      ])) {
        online.set(entityText({ view: view.name, entity }), { values, eventAtMs, createdAtMs: eventAtMs });
      }
    };
    const serve = (flight: Row): Row => {
      const { origin, destination } = flight;
      const momentMs = Number(flight.event_at_ms);
      const body = { entities: { origin, destination }, values: { departure_at: isoTime(momentMs) } };
      const row = decodeEntityRow(plan, { features: {}, ...body }, 'body');
      const found = new Map(entityKeysOf(plan, [row]).map((key) => [entityText(key), online.get(entityText(key))!]));
      return completeRow(plan, row, found, momentMs).features;
    };
    const [origins, routes] = featureViews as [View, View];
    // A route that was flown before keeps its values: here, since all that came before.
    await materialize(routes, moments[0]!, 0);

    let comparedCount = 0;
    for (const momentMs of moments) {
      // What the job reads: the days of the look-back, and of them what was known.
      await materialize(origins, momentMs, Math.floor(momentMs / DAY_MS - origins.lookBackDays) * DAY_MS);
      for (const flight of departures.filter(({ event_at_ms }) => event_at_ms === momentMs)) {
        if (!online.has(entityText({ view: routes.name, entity: [String(flight.origin), String(flight.destination)] })))
          continue;
        const served = serve(flight);
        expect(Object.keys(served).toSorted()).toEqual(names.toSorted());
        for (const name of names)
          expect([flight.row_key, name, served[name]]).toEqual([flight.row_key, name, flight[name]]);
        comparedCount += 1;
      }
    }

    expect(new Set(departures.map(({ origin }) => origin)).size).toBeGreaterThan(80);
    expect(comparedCount / departures.length).toBeGreaterThan(0.98);
  }, 120_000);

  it('knows every airport, also one from which nothing landed in its windows', async () => {
    const [view] = featureViews;
    await engine.execute(`CREATE OR REPLACE TABLE known_rows AS FROM ingested WHERE origin = 'ATL'`);

    const computed = await computeView(engine, data, viewSqlOf(features, view!), [FROM]);

    expect(computed).toHaveLength(229);
    expect(computed.find(({ entity }) => entity[0] === 'LGA')?.values).toMatchObject({
      origin_flights_7d: 0,
      origin_late_share_7d: null,
      zone: 'America/New_York',
    });
  });
});
