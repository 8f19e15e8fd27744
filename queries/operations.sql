-- Totals of each operation over a range.
-- Parameters: $since, $until (half-open range of window_start), $integration.
-- Columns: operation, requests, throttled, server_errors, no_response, durations (list of sketches to merge).
-- Order: failures descending, requests descending, operation.
WITH
judged AS (
    SELECT operation, outcome, requests, durations
    FROM rates
    WHERE window_start >= $since AND window_start < $until
        AND integration = $integration
        AND NOT (outcome = 'throttled' AND status_source = 'edge')
),
totals AS (
    SELECT
        operation,
        SUM(requests) AS requests,
        SUM(CASE WHEN outcome = 'throttled' THEN requests ELSE 0 END) AS throttled,
        SUM(CASE WHEN outcome = 'server_error' THEN requests ELSE 0 END) AS server_errors,
        SUM(CASE WHEN outcome = 'no_response' THEN requests ELSE 0 END) AS no_response,
        array_agg(durations) AS durations
    FROM judged
    GROUP BY operation
)
SELECT operation, requests, throttled, server_errors, no_response, durations
FROM totals
ORDER BY throttled + server_errors + no_response DESC, requests DESC, operation
