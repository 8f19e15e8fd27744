-- Counts by window for the verdict and the trend.
-- Parameters: $since, $until (half-open range of window_start), $integration (text or null: all),
--   $step_us (window width in microseconds), $by_operation (whether operations are told apart).
-- Columns: integration, operation (null unless told apart), window_us (start, microseconds since 1970), requests,
--   throttled, server_errors, no_response, client_errors, throttled_local.
-- Order: integration, operation, window_us.
WITH
-- What a hop on our side throttled never reached the vendor, so it is counted apart and is no request.
judged AS (
    SELECT
        integration,
        CASE WHEN $by_operation THEN operation END AS operation,
        arrow_cast(window_start, 'Int64') - arrow_cast(window_start, 'Int64') % $step_us AS window_us,
        outcome,
        outcome = 'throttled' AND status_source = 'edge' AS is_local,
        requests
    FROM rates
    WHERE window_start >= $since AND window_start < $until
        AND ($integration IS NULL OR integration = $integration)
)
SELECT
    integration,
    operation,
    window_us,
    SUM(CASE WHEN NOT is_local THEN requests ELSE 0 END) AS requests,
    SUM(CASE WHEN NOT is_local AND outcome = 'throttled' THEN requests ELSE 0 END) AS throttled,
    SUM(CASE WHEN outcome = 'server_error' THEN requests ELSE 0 END) AS server_errors,
    SUM(CASE WHEN outcome = 'no_response' THEN requests ELSE 0 END) AS no_response,
    SUM(CASE WHEN outcome = 'client_error' THEN requests ELSE 0 END) AS client_errors,
    SUM(CASE WHEN is_local THEN requests ELSE 0 END) AS throttled_local
FROM judged
GROUP BY integration, operation, window_us
ORDER BY integration, operation, window_us
