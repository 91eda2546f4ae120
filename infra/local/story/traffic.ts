import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';

/** One sampled flight: what its caller sends at departure, and what becomes known of it later. */
export interface SampledFlight {
  readonly predictionId: string;
  readonly departureAtMs: number;
  readonly features: Readonly<Record<string, number | null>>;
  readonly label: number;
  readonly labelKnownAtMs: number;
}

/** Everything that happens within one span of virtual time, in order. */
export interface TrafficSpan {
  readonly endMs: number;
  readonly departures: readonly SampledFlight[];
  readonly landings: readonly SampledFlight[];
}

interface SampleRequest {
  readonly featureNames: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly flightsPerDay: number;
  readonly seed: number;
}

/**
 * Draws the same number of flights of every UTC day by a hash of key and seed from the table `scored_flights`
 * (`row_key`, `event_at_ms`, the features, `label`, `label_known_at_ms`), in order of departure.
 */
export const sampleFlights = async (engine: TableEngine, request: SampleRequest): Promise<readonly SampledFlight[]> => {
  const { featureNames, fromMs, toMs, flightsPerDay, seed } = request;
  const rows = await engine.query(`
    SELECT * EXCLUDE (place) FROM (
      SELECT *, row_number() OVER (
        PARTITION BY event_at_ms // ${DAY_MS} ORDER BY md5_number_lower(row_key || ':${seed}'), row_key
      ) AS place
      FROM scored_flights WHERE event_at_ms >= ${fromMs} AND event_at_ms < ${toMs}
    ) WHERE place <= ${flightsPerDay} ORDER BY event_at_ms, row_key`);
  return rows.map((row) => ({
    predictionId: `flight-${row.row_key}`,
    departureAtMs: Number(row.event_at_ms),
    features: Object.fromEntries(featureNames.map((name) => [name, row[name] === null ? null : Number(row[name])])),
    label: Number(row.label),
    labelKnownAtMs: Number(row.label_known_at_ms),
  }));
};

/** Cuts departures and landings into spans of equal length that end at `toMs`; landings after it are left out. */
export const spansOf = (
  flights: readonly SampledFlight[],
  { fromMs, toMs, spanMs }: { readonly fromMs: number; readonly toMs: number; readonly spanMs: number },
): readonly TrafficSpan[] => {
  const spanCount = Math.ceil((toMs - fromMs) / spanMs);
  const spans = Array.from({ length: spanCount }, (_, i) => ({
    endMs: fromMs + (i + 1) * spanMs,
    departures: [] as SampledFlight[],
    landings: [] as SampledFlight[],
  }));
  for (const flight of flights) {
    spans[Math.floor((flight.departureAtMs - fromMs) / spanMs)]?.departures.push(flight);
    spans[Math.floor((flight.labelKnownAtMs - fromMs) / spanMs)]?.landings.push(flight);
  }
  return spans;
};
