-- Kinds of errors of a range, with when each was first seen at all.
-- Parameters: $since, $until (half-open range of ts), $integration (text or null: all).
-- Columns: integration, operation (the one of most occurrences), fingerprint, status, error_code, template,
--   last_us, occurrences (in the range), total (failures of the integration in the range),
--   ever_first_us (first occurrence in the whole store), history_us (first exchange of the integration at all).
-- Order: integration, occurrences descending, fingerprint.
WITH
-- What a hop on our side throttled is no error of the vendor.
failures AS (
    SELECT integration, operation, fingerprint, status, error_code, error_message, ts
    FROM exchanges
    WHERE fingerprint IS NOT NULL AND ts IS NOT NULL
        AND ($integration IS NULL OR integration = $integration)
        AND NOT (outcome = 'throttled' AND status_source = 'edge')
),
ever AS (
    SELECT integration, fingerprint, MIN(arrow_cast(ts, 'Int64')) AS ever_first_us
    FROM failures
    GROUP BY integration, fingerprint
),
history AS (
    SELECT integration, MIN(arrow_cast(window_start, 'Int64')) AS history_us
    FROM rates
    GROUP BY integration
),
ranged AS (
    SELECT * FROM failures WHERE ts >= $since AND ts < $until
),
totals AS (
    SELECT integration, COUNT(*) AS total FROM ranged GROUP BY integration
),
kinds AS (
    SELECT
        integration,
        fingerprint,
        MIN(status) AS status,
        MIN(error_code) AS error_code,
        MIN(error_message) AS template,
        MAX(arrow_cast(ts, 'Int64')) AS last_us,
        COUNT(*) AS occurrences
    FROM ranged
    GROUP BY integration, fingerprint
),
counted AS (
    SELECT integration, fingerprint, operation, COUNT(*) AS occurrences
    FROM ranged
    GROUP BY integration, fingerprint, operation
),
places AS (
    SELECT
        integration,
        fingerprint,
        operation,
        ROW_NUMBER() OVER (PARTITION BY integration, fingerprint ORDER BY occurrences DESC, operation) AS place
    FROM counted
)
SELECT
    k.integration, p.operation, k.fingerprint, k.status, k.error_code, k.template, k.last_us, k.occurrences,
    t.total, e.ever_first_us, h.history_us
FROM kinds AS k
JOIN totals AS t ON t.integration = k.integration
JOIN ever AS e ON e.integration = k.integration AND e.fingerprint = k.fingerprint
JOIN places AS p ON p.integration = k.integration AND p.fingerprint = k.fingerprint AND p.place = 1
LEFT JOIN history AS h ON h.integration = k.integration
ORDER BY k.integration, k.occurrences DESC, k.fingerprint
