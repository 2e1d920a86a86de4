-- The signals of the whole feature, and whether an earlier day had a value for them.
-- Grain: one signal on a day. Key: day, signal.
-- Parameters: $through (the last day). Reads: signals of one feature.
SELECT
    day,
    signal,
    value,
    reference,
    band_low,
    band_high,
    status,
    COALESCE(
        BOOL_OR(value IS NOT NULL) OVER (
            PARTITION BY signal
            ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        FALSE
    ) AS measured_before
FROM signals
WHERE cohort = 'all' AND day <= CAST($through AS DATE)
ORDER BY
    day,
    signal
