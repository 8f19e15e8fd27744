-- Exchanges to show: failing ones evenly from the first to the last, and the calls that succeeded nearest in time.
-- Parameters: $since, $until (half-open range of ts), $integration, $operation and $outcome (text or null: which failures
--   the case is about), $failures (how many failing), $successes.
-- Columns: id, ts_us, method, host, tenant, url, operation, status, outcome, attempt, duration_ms, retry_after_s, error_code,
--   error_message, request_id, vendor_request_id, request_headers, request_body, response_headers, response_body, raw,
--   source, line, is_failure.
-- Order: failing ones by time, then successes by time.
WITH
ranged AS (
    SELECT
        *,
        arrow_cast(ts, 'Int64') AS ts_us,
        outcome IN ('throttled', 'server_error', 'no_response') AND NOT (outcome = 'throttled' AND status_source = 'edge')
            AS is_failure
    FROM exchanges
    WHERE integration = $integration AND ts >= $since AND ts < $until
        -- Headers, bodies and the line were kept for it.
        AND raw IS NOT NULL
),
-- The first of each minute and kind of failure; those with a body or headers say more.
failing AS (
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY fingerprint, ts_us / 60000000
        ORDER BY response_body IS NULL, request_headers IS NULL, ts_us, id
    ) AS within_minute
    FROM ranged
    WHERE is_failure
        AND ($operation IS NULL OR operation = $operation)
        AND ($outcome IS NULL OR outcome = $outcome)
),
turns AS (
    SELECT *, CAST(ROW_NUMBER() OVER (PARTITION BY fingerprint ORDER BY ts_us, id) AS BIGINT) AS turn
    FROM failing
    WHERE within_minute = 1
),
-- How many of each kind: every kind gets its turn before any kind gets its second sample.
wanted AS (
    SELECT fingerprint, COUNT(*) AS samples
    FROM (SELECT fingerprint FROM turns ORDER BY turn, ts_us, id LIMIT $failures)
    GROUP BY fingerprint
),
-- As steps from the first of a kind: this one, its last, and how many samples come after the first.
steps AS (
    SELECT
        t.*,
        t.turn - 1 AS step,
        MAX(t.turn) OVER (PARTITION BY t.fingerprint) - 1 AS last,
        w.samples - 1 AS more
    FROM turns AS t
    JOIN wanted AS w ON w.fingerprint IS NOT DISTINCT FROM t.fingerprint
),
-- Sample j of `more` stands at step j * last / more, rounded down: the first and the last are among them.
chosen AS (
    SELECT *
    FROM steps
    WHERE step = (step * more + last - 1) / greatest(last, 1) * last / greatest(more, 1)
),
succeeding AS (
    SELECT r.*, ROW_NUMBER() OVER (
        PARTITION BY r.operation
        ORDER BY r.response_body IS NULL, abs(r.ts_us - f.first_us), r.id
    ) AS near
    FROM ranged AS r
    JOIN (SELECT operation, MIN(ts_us) AS first_us FROM chosen GROUP BY operation) AS f ON f.operation = r.operation
    WHERE r.outcome = 'ok'
),
shown AS (
    SELECT
        id, ts_us, method, host, tenant, url, operation, status, outcome, attempt, duration_ms, retry_after_s, error_code,
        error_message, request_id, vendor_request_id, request_headers, request_body, response_headers, response_body,
        raw, source, line, true AS is_failure
    FROM chosen
    UNION ALL
    (SELECT
        id, ts_us, method, host, tenant, url, operation, status, outcome, attempt, duration_ms, retry_after_s, error_code,
        error_message, request_id, vendor_request_id, request_headers, request_body, response_headers, response_body,
        raw, source, line, false AS is_failure
    FROM succeeding
    WHERE near = 1
    ORDER BY ts_us
    LIMIT $successes)
)
SELECT * FROM shown ORDER BY is_failure DESC, ts_us, id
