-- The departures of source_file (US flights of 2001; its `date` is the actual departure in the origin's local time)
-- with times in UTC. A flight's key is its position in the file. The six rows of 1 July are strays of the cut.
WITH airports (airport, zone) AS (VALUES
  /* airports.csv */
),
departures AS (
  SELECT
    file_row_number::BIGINT AS flight,
    source_file.date AS departure_local,
    epoch_ms(source_file.date AT TIME ZONE airports.zone) AS departure_at_ms,
    origin,
    destination,
    distance::INTEGER AS distance,
    delay::INTEGER AS delay
  FROM source_file
  JOIN airports ON airports.airport = source_file.origin
  WHERE source_file.date < TIMESTAMP '2001-07-01'
)
SELECT
  *,
  -- When the arrival is known: 45 minutes of taxi and slack, cruise at 7 miles a minute, and the delay. Late by intent.
  departure_at_ms + 45 * 60000 + distance * 60000 // 7 + greatest(delay, 0) * 60000 AS known_at_ms
FROM departures
ORDER BY departure_at_ms, flight
