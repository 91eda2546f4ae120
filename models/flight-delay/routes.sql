-- Every route that was flown lately, as a flight on it at the moment. A route's distance is the same for all its flights.
SELECT DISTINCT ON (origin, destination) origin, destination, distance, :as_of_ms AS departure_at_ms
FROM dataset ORDER BY origin, destination, known_at_ms DESC, flight DESC
