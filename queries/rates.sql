-- The rate table: counts and durations by window and one dimension.
-- Parameters: $since, $until (half-open range of window_start), $integration (text or null: all),
--   $step_us (window width in microseconds), $by (integration, operation, client, status or outcome),
--   $view (attempts: every try; calls: only the answers that the caller saw).
-- Columns: integration, operation, client, status, outcome (null but for the dimension asked), window_us, requests,
--   throttled, server_errors, no_response, client_errors, throttled_local, durations (list of sketches to merge).
-- Order: integration, the dimension, window_us.
WITH
chosen AS (
    SELECT
        integration,
        CASE WHEN $by = 'operation' THEN operation END AS operation,
        CASE WHEN $by = 'client' THEN client END AS client,
        CASE WHEN $by = 'status' THEN coalesce(CAST(status AS VARCHAR), 'none') END AS status,
        CASE WHEN $by = 'outcome' THEN outcome END AS outcome_group,
        arrow_cast(window_start, 'Int64') - arrow_cast(window_start, 'Int64') % $step_us AS window_us,
        outcome,
        outcome = 'throttled' AND status_source = 'edge' AS is_local,
        requests,
        durations
    FROM rates
    WHERE window_start >= $since AND window_start < $until
        AND ($integration IS NULL OR integration = $integration)
        AND ($view = 'attempts' OR attempt_kind = 'final')
)
SELECT
    integration,
    operation,
    client,
    status,
    outcome_group AS outcome,
    window_us,
    SUM(CASE WHEN NOT is_local THEN requests ELSE 0 END) AS requests,
    SUM(CASE WHEN NOT is_local AND outcome = 'throttled' THEN requests ELSE 0 END) AS throttled,
    SUM(CASE WHEN outcome = 'server_error' THEN requests ELSE 0 END) AS server_errors,
    SUM(CASE WHEN outcome = 'no_response' THEN requests ELSE 0 END) AS no_response,
    SUM(CASE WHEN outcome = 'client_error' THEN requests ELSE 0 END) AS client_errors,
    SUM(CASE WHEN is_local THEN requests ELSE 0 END) AS throttled_local,
    array_agg(durations) FILTER (WHERE NOT is_local) AS durations
FROM chosen
GROUP BY integration, operation, client, status, outcome_group, window_us
ORDER BY integration, operation, client, status, outcome_group, window_us
