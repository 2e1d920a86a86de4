-- The signals of the days up to one, newest last.
-- Grain: one signal of one cohort on a day. Key: day, cohort, signal.
-- Parameters: $until. Reads: signals of one feature.
SELECT
    day,
    cohort,
    signal,
    value,
    reference,
    band_low,
    band_high,
    status
FROM signals
WHERE day <= $until
ORDER BY
    day,
    cohort,
    signal
