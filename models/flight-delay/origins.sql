-- Every airport, as a flight that departs from it at the moment: an airport from which nothing landed lately has values too.
WITH airports (airport, zone) AS (VALUES
  /* airports.csv */
)
SELECT airport AS origin, :as_of_ms AS departure_at_ms FROM airports
