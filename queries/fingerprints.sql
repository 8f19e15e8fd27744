-- Kinds of errors by window, for the novelty test.
-- Parameters: $since, $until (half-open range of ts), $integration (text or null: all), $step_us (window width).
-- Columns: integration, operation, fingerprint, status, error_code, template (a masked message of that kind),
--   window_us, occurrences.
-- Order: integration, fingerprint, operation, window_us.
SELECT
    integration,
    operation,
    fingerprint,
    MIN(status) AS status,
    MIN(error_code) AS error_code,
    MIN(error_message) AS template,
    arrow_cast(ts, 'Int64') - arrow_cast(ts, 'Int64') % $step_us AS window_us,
    COUNT(*) AS occurrences
FROM exchanges
WHERE fingerprint IS NOT NULL
    AND ts >= $since AND ts < $until
    AND ($integration IS NULL OR integration = $integration)
    AND NOT (outcome = 'throttled' AND status_source = 'edge')
GROUP BY integration, operation, fingerprint, window_us
ORDER BY integration, fingerprint, operation, window_us
