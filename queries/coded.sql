-- Errors that are told by a code in an ok answer, by window.
-- Parameters: $since, $until (half-open range of ts), $integration (text or null: all), $step_us (window width in
--   microseconds).
-- Columns: integration, operation, window_us (start, microseconds since 1970), coded.
-- Order: integration, operation, window_us.
SELECT
    integration,
    operation,
    arrow_cast(ts, 'Int64') - arrow_cast(ts, 'Int64') % $step_us AS window_us,
    COUNT(*) AS coded
FROM exchanges
WHERE error_code IS NOT NULL AND status BETWEEN 200 AND 299 AND outcome IN ('ok', 'client_error')
    -- Vendors say with a code, too, that all is well.
    AND lower(error_code) NOT IN ('', '0', 'ok', 'success', 'none', 'null', 'false', '200')
    AND ts >= $since AND ts < $until
    AND ($integration IS NULL OR integration = $integration)
GROUP BY integration, operation, window_us
ORDER BY integration, operation, window_us
