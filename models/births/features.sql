-- One row a day to forecast, seen seven days ahead: at event_at the births of the days before it are known (a day's
-- number is known when the day is over), so the nearest known day is eight days older than the forecast one.
WITH target AS (
  SELECT *, day - INTERVAL 7 DAY AS event_day FROM dataset
)
SELECT
  target.day::VARCHAR AS row_key,
  epoch_ms(target.event_day::TIMESTAMP) AS event_at_ms,
  isodow(target.day) AS weekday,
  dayofyear(target.day) AS day_of_year,
  CASE strftime(target.day, '%m-%d')
    WHEN '01-01' THEN 'new-year' WHEN '07-04' THEN 'independence-day'
    WHEN '12-24' THEN 'christmas' WHEN '12-25' THEN 'christmas' WHEN '12-31' THEN 'new-year-eve'
    ELSE CASE WHEN month(target.day) = 11 AND isodow(target.day) = 4 AND day(target.day) BETWEEN 22 AND 28
      THEN 'thanksgiving' ELSE 'none' END
  END AS holiday,
  -- The same weekday two to five weeks back, the last four known weeks, and the same weekday of the year before.
  max(past.births) FILTER (past.day = target.day - INTERVAL 14 DAY) AS births_14d,
  sum(past.births) FILTER (past.day IN (
    target.day - INTERVAL 14 DAY, target.day - INTERVAL 21 DAY, target.day - INTERVAL 28 DAY, target.day - INTERVAL 35 DAY
  )) / 4 AS same_weekday_mean_4w,
  sum(past.births) FILTER (past.day >= target.day - INTERVAL 35 DAY) / 28 AS mean_4w,
  max(past.births) FILTER (past.day = target.day - INTERVAL 364 DAY) AS births_364d,
  target.births::DOUBLE AS label,
  target.known_at_ms AS label_known_at_ms
FROM target
JOIN dataset AS past
  ON past.day BETWEEN target.day - INTERVAL 364 DAY AND target.day - INTERVAL 8 DAY
  AND past.known_at_ms <= epoch_ms(target.event_day::TIMESTAMP)
  AND (past.day >= target.day - INTERVAL 35 DAY OR past.day = target.day - INTERVAL 364 DAY)
GROUP BY target.day, target.event_day, target.births, target.known_at_ms
