-- The range of the data of each integration.
-- Parameters: $earliest, $latest (windows that start outside come from wrong clocks; they count only where an
--   integration has no others).
-- Columns: integration, first_us, last_us (start of its first and last window, microseconds since 1970).
-- Order: integration.
WITH
windows AS (
    SELECT
        integration,
        arrow_cast(window_start, 'Int64') AS start_us,
        CASE WHEN window_start BETWEEN $earliest AND $latest THEN arrow_cast(window_start, 'Int64') END AS believed_us
    FROM rates
)
SELECT
    integration,
    coalesce(MIN(believed_us), MIN(start_us)) AS first_us,
    coalesce(MAX(believed_us), MAX(start_us)) AS last_us
FROM windows
GROUP BY integration
ORDER BY integration
