import { afterAll, describe, expect, it } from 'vitest';
import flightDelay from '../../../../models/flight-delay/model.ts';
import { openDuckDb } from '../../../../shared/adapters/duckdb/index.ts';
import { checkColumns, featureColumnsSql } from '../../../../shared/core/features/index.ts';
import { transformSql } from '../../../../shared/core/features/online/index.ts';
import { DAY_MS, HOUR_MS } from '../../../../shared/kernel/time.ts';
import { fc } from '../../../helpers/properties.ts';

interface Flight {
  readonly origin: string;
  readonly departureAtMs: number;
  readonly knownAtMs: number;
  readonly delay: number;
}

const START_MS = Date.UTC(2001, 0, 1);
const WINDOW_HOURS = { '3h': 3, '24h': 24, '7d': 168 } as const;

// Half hours make departures, landings and the windows' ends coincide often: that is where off-by-one errors live.
const flight: fc.Arbitrary<Flight> = fc
  .record({
    origin: fc.constantFrom('ATL', 'ORD'),
    departure: fc.nat(2 * 24 * 9),
    travel: fc.integer({ min: 1, max: 8 }),
    delay: fc.constantFrom(-20, 0, 15, 16, 90),
  })
  .map(({ origin, departure, travel, delay }) => ({
    origin,
    departureAtMs: START_MS + departure * (HOUR_MS / 2),
    knownAtMs: START_MS + (departure + travel) * (HOUR_MS / 2),
    delay,
  }));

const engine = await openDuckDb();
afterAll(() => engine.close());

const featuresOf = async (flights: readonly Flight[]): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const rows = flights.map(
    ({ origin, departureAtMs, knownAtMs, delay }, i) =>
      `(${i}, make_timestamp(${departureAtMs * 1000}), ${departureAtMs}, '${origin}', 'LAX', 700, ${delay}, ${knownAtMs})`,
  );
  await engine.execute(`CREATE OR REPLACE TABLE dataset AS SELECT flight::BIGINT AS flight, departure_local,
    departure_at_ms::BIGINT AS departure_at_ms, origin, destination, distance::INTEGER AS distance,
    delay::INTEGER AS delay, known_at_ms::BIGINT AS known_at_ms
    FROM (VALUES ${rows.join(', ')})
    AS f(flight, departure_local, departure_at_ms, origin, destination, distance, delay, known_at_ms)`);
  return engine.query(`SELECT * FROM (${transformSql(flightDelay.data)}) ORDER BY row_key`);
};

/** The definition in plain words: one loop over all flights for each flight. */
const expectedFeatures = (flights: readonly Flight[], { origin, departureAtMs }: Flight): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(WINDOW_HOURS).flatMap(([window, hours]) => {
      const landed = flights.filter(
        (other) =>
          other.origin === origin &&
          other.knownAtMs < departureAtMs &&
          other.knownAtMs >= departureAtMs - hours * HOUR_MS,
      );
      const share = (total: number): number | null => (landed.length === 0 ? null : total / landed.length);
      return [
        [`origin_late_share_${window}`, share(landed.filter(({ delay }) => delay > 15).length)],
        [`origin_mean_delay_${window}`, share(landed.reduce((sum, { delay }) => sum + delay, 0))],
        [`origin_flights_${window}`, landed.length],
      ];
    }),
  );

describe('the features of flight-delay', () => {
  it('are what a loop over the landed flights gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(flight, { minLength: 1, maxLength: 40 }), async (flights) => {
        const rows = await featuresOf(flights);

        expect(rows).toHaveLength(flights.length);
        rows.forEach((row, i) => {
          expect(row).toMatchObject({ row_key: i, ...expectedFeatures(flights, flights[i]!) });
        });
      }),
      { numRuns: 60 },
    );
  });

  it('never change when later flights become known', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(flight, { minLength: 1, maxLength: 25 }),
        fc.array(flight, { minLength: 1, maxLength: 25 }),
        async (flights, more) => {
          const lastDepartureMs = Math.max(...flights.map(({ departureAtMs }) => departureAtMs));
          const before = await featuresOf(flights);

          // A flight that is known at the last departure itself or after it is news to none of the rows.
          const news = more.map((f) => ({
            ...f,
            knownAtMs: lastDepartureMs + (f.knownAtMs - f.departureAtMs) - HOUR_MS / 2,
          }));
          const after = await featuresOf([...flights, ...news]);

          expect(after.slice(0, flights.length)).toEqual(before);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('take hour and weekday from the clock of the origin at departure, and the label from the delay', async () => {
    // 20:30 on Sunday in Atlanta, where it is five hours earlier than in UTC.
    const departureAtMs = START_MS + 7 * DAY_MS + 1.5 * HOUR_MS;

    const rows = await featuresOf([
      { origin: 'ATL', departureAtMs, knownAtMs: departureAtMs + HOUR_MS, delay: 15 },
      { origin: 'ATL', departureAtMs, knownAtMs: departureAtMs + HOUR_MS, delay: 16 },
    ]);

    // 7 January 2001 was a Sunday.
    expect(rows.map(({ hour, weekday, distance, label }) => [hour, weekday, distance, label])).toEqual([
      [20.5, 7, 700, 0],
      [20.5, 7, 700, 1],
    ]);
  });

  it('have the columns and types that training needs', async () => {
    await featuresOf([{ origin: 'ATL', departureAtMs: START_MS, knownAtMs: START_MS + HOUR_MS, delay: 0 }]);

    const columns = await engine.query(featureColumnsSql(transformSql(flightDelay.data)));

    expect(checkColumns(flightDelay.features, columns as { name: string; type: string }[])).toEqual([]);
  });
});
