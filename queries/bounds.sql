-- The range of the data of each integration.
-- Parameters: $latest (no window that starts later is taken for the last one, unless there are only such).
-- Columns: integration, first_us, last_us (start of its first and last window, microseconds since 1970).
-- Order: integration.
SELECT
    integration,
    MIN(arrow_cast(window_start, 'Int64')) AS first_us,
    coalesce(
        MAX(CASE WHEN window_start <= $latest THEN arrow_cast(window_start, 'Int64') END),
        MAX(arrow_cast(window_start, 'Int64'))
    ) AS last_us
FROM rates
GROUP BY integration
ORDER BY integration
