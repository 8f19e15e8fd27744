-- How often each kind of stand-in occurs in what a report may show.
-- Parameters: $since, $until (half-open range of ts), $integration.
-- Columns: kind, occurrences.
-- Order: kind.
WITH
texts AS (
    SELECT concat_ws(' ', url, error_message, request_headers, request_body, response_headers, response_body, raw) AS text
    FROM exchanges
    WHERE integration = $integration AND ts >= $since AND ts < $until AND raw IS NOT NULL
),
standins AS (
    SELECT unnest(string_to_array(text, '‹')) AS piece FROM texts
)
SELECT split_part(piece, ':', 1) AS kind, COUNT(*) AS occurrences
FROM standins
WHERE piece LIKE '%:%:%›%' AND length(split_part(piece, ':', 1)) BETWEEN 1 AND 20
    AND split_part(piece, ':', 1) NOT LIKE '% %'
GROUP BY kind
ORDER BY kind
