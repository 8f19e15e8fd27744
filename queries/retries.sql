-- Calls that failed at first: how many were tried again, how many of those ended well, by how they failed at first.
-- Parameters: $since, $until (half-open range of ts), $integration (text or null: all), $step_us (window width).
-- Columns: integration, operation and outcome (of the call's first attempt), window_us (of the same), tried, healed.
-- Order: integration, operation, outcome, window_us.
WITH
attempts AS (
    SELECT
        integration,
        call_id,
        arrow_cast(ts, 'Int64') AS at_us,
        attempt,
        operation,
        outcome,
        outcome IN ('throttled', 'server_error', 'no_response') AS is_failure,
        outcome IN ('ok', 'redirect') AS is_success
    FROM exchanges
    WHERE ts >= $since AND ts < $until
        AND ($integration IS NULL OR integration = $integration)
        AND NOT (outcome = 'throttled' AND status_source = 'edge')
),
failed AS (
    SELECT DISTINCT integration, call_id FROM attempts WHERE is_failure
),
calls AS (
    SELECT
        a.integration,
        a.call_id,
        MIN(a.at_us) AS at_us,
        COUNT(*) AS tries,
        first_value(a.operation ORDER BY a.at_us, a.attempt) AS operation,
        first_value(a.outcome ORDER BY a.at_us, a.attempt) AS outcome,
        first_value(a.is_failure ORDER BY a.at_us, a.attempt) AS failed_at_first,
        last_value(a.is_success ORDER BY a.at_us, a.attempt) AS ended_well
    FROM attempts AS a
    JOIN failed AS f ON f.integration = a.integration AND f.call_id = a.call_id
    GROUP BY a.integration, a.call_id
)
SELECT
    integration,
    operation,
    outcome,
    at_us - at_us % $step_us AS window_us,
    COUNT(*) AS tried,
    SUM(CASE WHEN ended_well THEN 1 ELSE 0 END) AS healed
FROM calls
WHERE tries > 1 AND failed_at_first
GROUP BY integration, operation, outcome, window_us
ORDER BY integration, operation, outcome, window_us
