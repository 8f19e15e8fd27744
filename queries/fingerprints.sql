-- Kinds of errors by window, for the novelty test.
-- Parameters: $since, $until (half-open range of ts), $integrations (a list with each between line
--   feeds), $step_us (window width).
-- Columns: integration, operation, fingerprint (null where only the code of an ok answer tells of the error), status,
--   error_code, template (a masked message of that kind), window_us, occurrences.
-- Order: integration, fingerprint, error_code, operation, window_us.
WITH
kinds AS (
    SELECT
        integration,
        operation,
        fingerprint,
        CASE WHEN fingerprint IS NULL THEN error_code END AS code,
        status,
        error_code,
        error_message,
        arrow_cast(ts, 'Int64') - arrow_cast(ts, 'Int64') % $step_us AS window_us
    FROM exchanges
    WHERE ts >= $since AND ts < $until
        AND strpos($integrations, concat(chr(10), integration, chr(10))) > 0
        AND NOT (outcome = 'throttled' AND status_source = 'edge')
        AND (
            fingerprint IS NOT NULL
            OR error_code IS NOT NULL AND status BETWEEN 200 AND 299 AND outcome = 'ok'
            AND lower(error_code) NOT IN ('', '0', 'ok', 'success', 'none', 'null', 'false', '200')
        )
)
SELECT
    integration,
    operation,
    fingerprint,
    MIN(status) AS status,
    MIN(error_code) AS error_code,
    MIN(error_message) AS template,
    window_us,
    COUNT(*) AS occurrences
FROM kinds
GROUP BY integration, operation, fingerprint, code, window_us
ORDER BY integration, fingerprint, code, operation, window_us
