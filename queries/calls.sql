-- Attempts one by one for the links between them and the search for slices: what failed, and what it is compared with.
-- Parameters: $since, $until (half-open range of ts), $integration, $failures_max and $others_max (attempts that failed,
--   and that did not, to look at; each operation gets an equal part).
-- Columns: operation, is_failure, failed_one_in, others_one_in (one in so many of the operation was looked
--   at), weight (attempts that the row stands for; 0: looked at only because it may belong to a call that failed), ts_us,
--   id, call_id, attempt, method, host, url, client, tenant, principal, status, outcome, error_code, fingerprint,
--   trace_id, request_id, idempotency_key, request_bytes, request_body (its beginning), is_kept (whether bodies were).
-- Order: is_failure descending, ts_us, attempt, id.
WITH
ranged AS (
    SELECT
        *,
        arrow_cast(ts, 'Int64') AS ts_us,
        -- An error that is told by a code in an ok answer.
        status BETWEEN 200 AND 299 AND error_code IS NOT NULL AND outcome IN ('ok', 'client_error')
            AND lower(error_code) NOT IN ('', '0', 'ok', 'success', 'none', 'null', 'false', '200') AS is_coded
    FROM exchanges
    WHERE ts >= $since AND ts < $until
        AND integration = $integration
        AND outcome <> 'client_gone'
        -- What a hop on our side throttled never reached the vendor.
        AND NOT (outcome = 'throttled' AND status_source = 'edge')
),
judged AS (
    SELECT *, outcome IN ('server_error', 'throttled', 'no_response') OR coalesce(is_coded, false) AS is_failure
    FROM ranged
),
volumes AS (
    SELECT
        coalesce(operation, '') AS operation,
        SUM(CASE WHEN is_failure THEN 1 ELSE 0 END) AS failures,
        SUM(CASE WHEN is_failure THEN 0 ELSE 1 END) AS others,
        COUNT(*) OVER () AS operations
    FROM judged
    GROUP BY coalesce(operation, '')
),
quotas AS (
    SELECT
        operation,
        greatest(1, (failures * operations + $failures_max - 1) / $failures_max) AS failed_one_in,
        greatest(1, (others * operations + $others_max - 1) / $others_max) AS others_one_in
    FROM volumes
),
-- The attempts of a call are looked at together, so the choice falls by what they share: four hex digits of a hash.
drawn AS (
    SELECT
        j.*,
        q.failed_one_in,
        q.others_one_in,
        CASE WHEN q.failed_one_in = 1 AND q.others_one_in = 1 THEN '0000' ELSE
            substr(md5(coalesce(j.idempotency_key, j.call_id, j.id)), 1, 4) END AS hex
    FROM judged AS j
    JOIN quotas AS q ON q.operation = coalesce(j.operation, '')
),
numbered AS (
    SELECT
        *,
        (strpos('0123456789abcdef', substr(hex, 1, 1)) - 1) * 4096
            + (strpos('0123456789abcdef', substr(hex, 2, 1)) - 1) * 256
            + (strpos('0123456789abcdef', substr(hex, 3, 1)) - 1) * 16
            + strpos('0123456789abcdef', substr(hex, 4, 1)) - 1 AS draw
    FROM drawn
),
failing AS (
    SELECT *, failed_one_in AS weight
    FROM numbered
    WHERE is_failure AND draw % failed_one_in = 0
),
-- What goes on with a call that failed is looked at whatever the draw.
failed_calls AS (SELECT DISTINCT call_id FROM failing),
failed_keys AS (SELECT DISTINCT idempotency_key FROM failing WHERE idempotency_key IS NOT NULL),
others AS (
    SELECT
        n.*,
        CASE WHEN n.draw % n.others_one_in = 0 THEN n.others_one_in ELSE 0 END AS weight,
        c.call_id IS NOT NULL OR k.idempotency_key IS NOT NULL AS may_follow
    FROM numbered AS n
    LEFT JOIN failed_calls AS c ON c.call_id = n.call_id
    LEFT JOIN failed_keys AS k ON k.idempotency_key = n.idempotency_key
    WHERE NOT n.is_failure
),
looked AS (
    SELECT
        operation, is_failure, failed_one_in, others_one_in, weight, ts_us, id, call_id, attempt, method, host,
        url, client, tenant, principal, status, outcome, error_code, fingerprint, trace_id, request_id, idempotency_key,
        request_bytes, substr(request_body, 1, 4096) AS request_body, raw IS NOT NULL AS is_kept
    FROM failing
    UNION ALL
    SELECT
        operation, is_failure, failed_one_in, others_one_in, weight, ts_us, id, call_id, attempt, method, host,
        url, client, tenant, principal, status, outcome, error_code, fingerprint, trace_id, request_id, idempotency_key,
        request_bytes, substr(request_body, 1, 4096) AS request_body, raw IS NOT NULL AS is_kept
    FROM others
    WHERE weight > 0 OR may_follow
)
SELECT * FROM looked
ORDER BY is_failure DESC, ts_us, attempt, id
