-- Attempts one by one, for the links between them and the search for what fails every time.
-- Parameters: $since, $until (half-open range of ts), $integrations and $busy (operations with so many attempts that a part
--   of their calls is drawn), both as lists with each between line feeds, $one_in (one in so many of their calls is looked at).
-- Columns: integration, operation, is_failure, is_drawn (one of the busy operations), ts_us, id, call_id, attempt, method, host, url,
--   client, tenant, principal, outcome, error_code, fingerprint, trace_id, request_id, idempotency_key, request_bytes,
--   request_body (its beginning), is_kept (whether its body would have been kept).
-- Order: is_failure descending, ts_us, attempt, id.
WITH
judged AS (
    SELECT
        integration,
        coalesce(operation, '') AS operation,
        -- Some errors are told by a code in an ok answer.
        outcome IN ('server_error', 'throttled', 'no_response') OR coalesce(
            status BETWEEN 200 AND 299 AND outcome IN ('ok', 'client_error')
            AND lower(error_code) NOT IN ('', '0', 'ok', 'success', 'none', 'null', 'false', '200'),
            false
        ) AS is_failure,
        strpos($busy, concat(chr(10), coalesce(operation, ''), chr(10))) > 0 AS is_drawn,
        arrow_cast(ts, 'Int64') AS ts_us,
        id, call_id, attempt, method, host, url, client, tenant, principal, outcome, error_code, fingerprint, trace_id,
        request_id, idempotency_key, request_bytes, substr(request_body, 1, 4096) AS request_body,
        raw IS NOT NULL AS is_kept
    FROM exchanges
    WHERE ts >= $since AND ts < $until
        AND strpos($integrations, concat(chr(10), integration, chr(10))) > 0
        AND outcome <> 'client_gone'
        -- What a hop on our side throttled never reached the vendor.
        AND NOT (outcome = 'throttled' AND status_source = 'edge')
)
SELECT *
FROM judged
WHERE NOT is_drawn
    -- The choice falls by what the attempts of a call share, so that they stay together: three hex digits of a hash.
    OR (
        (strpos('0123456789abcdef', substr(md5(coalesce(idempotency_key, call_id)), 1, 1)) - 1) * 256
        + (strpos('0123456789abcdef', substr(md5(coalesce(idempotency_key, call_id)), 2, 1)) - 1) * 16
        + strpos('0123456789abcdef', substr(md5(coalesce(idempotency_key, call_id)), 3, 1)) - 1
    ) % $one_in = 0
ORDER BY is_failure DESC, ts_us, attempt, id
