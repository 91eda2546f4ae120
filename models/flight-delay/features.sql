-- One row a departure. Of its origin's flights, only those known to have landed before the departure count: per
-- window W the flights with known_at in [departure − W, departure). Sums are integers of running totals, read at both
-- ends of the window, so the result is exact and the same in any order of rows.
WITH airports (airport, zone) AS (VALUES
  /* airports.csv */
),
landings AS (
  SELECT origin, known_at_ms, count(*) AS flights, sum((delay > 15)::BIGINT) AS late, sum(delay) AS delay
  FROM dataset GROUP BY origin, known_at_ms
),
totals AS (
  SELECT
    origin,
    -- Known at t counts for departures after t: t + 1 ms turns "before" into "at or before", which ASOF joins on.
    known_at_ms + 1 AS from_ms,
    sum(flights) OVER so_far AS flights,
    sum(late) OVER so_far AS late,
    sum(delay) OVER so_far AS delay
  FROM landings
  WINDOW so_far AS (PARTITION BY origin ORDER BY known_at_ms ROWS UNBOUNDED PRECEDING)
),
departures AS (
  SELECT
    *,
    departure_at_ms - 3 * 3600000 AS ago_3h_ms,
    departure_at_ms - 24 * 3600000 AS ago_24h_ms,
    departure_at_ms - 168 * 3600000 AS ago_7d_ms
  FROM dataset
),
counted AS (
  SELECT
    d.*,
    coalesce(t.flights, 0) - coalesce(h3.flights, 0) AS flights_3h,
    coalesce(t.late, 0) - coalesce(h3.late, 0) AS late_3h,
    coalesce(t.delay, 0) - coalesce(h3.delay, 0) AS delay_3h,
    coalesce(t.flights, 0) - coalesce(h24.flights, 0) AS flights_24h,
    coalesce(t.late, 0) - coalesce(h24.late, 0) AS late_24h,
    coalesce(t.delay, 0) - coalesce(h24.delay, 0) AS delay_24h,
    coalesce(t.flights, 0) - coalesce(d7.flights, 0) AS flights_7d,
    coalesce(t.late, 0) - coalesce(d7.late, 0) AS late_7d,
    coalesce(t.delay, 0) - coalesce(d7.delay, 0) AS delay_7d
  FROM departures AS d
  ASOF LEFT JOIN totals AS t ON t.origin = d.origin AND t.from_ms <= d.departure_at_ms
  ASOF LEFT JOIN totals AS h3 ON h3.origin = d.origin AND h3.from_ms <= d.ago_3h_ms
  ASOF LEFT JOIN totals AS h24 ON h24.origin = d.origin AND h24.from_ms <= d.ago_24h_ms
  ASOF LEFT JOIN totals AS d7 ON d7.origin = d.origin AND d7.from_ms <= d.ago_7d_ms
)
SELECT
  flight AS row_key,
  departure_at_ms AS event_at_ms,
  -- What the views' join keys and the request features are made of.
  origin,
  destination,
  airports.zone AS zone,
  departure_at_ms,
  distance,
  -- NULL when no flight has landed in the window (0 / 0 would be NaN).
  late_3h / nullif(flights_3h, 0) AS origin_late_share_3h,
  delay_3h / nullif(flights_3h, 0) AS origin_mean_delay_3h,
  flights_3h AS origin_flights_3h,
  late_24h / nullif(flights_24h, 0) AS origin_late_share_24h,
  delay_24h / nullif(flights_24h, 0) AS origin_mean_delay_24h,
  flights_24h AS origin_flights_24h,
  late_7d / nullif(flights_7d, 0) AS origin_late_share_7d,
  delay_7d / nullif(flights_7d, 0) AS origin_mean_delay_7d,
  flights_7d AS origin_flights_7d,
  (delay > 15)::DOUBLE AS label,
  known_at_ms AS label_known_at_ms
FROM counted
LEFT JOIN airports ON airports.airport = origin
