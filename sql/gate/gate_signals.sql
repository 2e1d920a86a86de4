-- The signals of the whole feature, and whether an earlier day had a value for them.
-- Grain: one signal on a day. Key: day, signal.
-- Parameters: $since, $through (the first and the last day). Reads: signals, nights of one feature.
WITH measured AS (
    SELECT
        day,
        UNNEST(measured) AS signal
    FROM nights
),

first_measured AS (
    SELECT
        signal,
        MIN(day) AS day
    FROM measured
    GROUP BY signal
)

SELECT
    signals.day,
    signals.signal,
    signals.value,
    signals.reference,
    signals.band_low,
    signals.band_high,
    signals.status,
    COALESCE(first_measured.day < signals.day, FALSE) AS measured_before
FROM signals
LEFT JOIN first_measured USING (signal)
WHERE signals.cohort = 'all' AND signals.day BETWEEN CAST($since AS DATE) AND CAST($through AS DATE)
ORDER BY
    signals.day,
    signals.signal
