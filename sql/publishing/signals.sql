-- A day's signals over all cohorts.
-- Grain: one signal. Key: signal.
-- Parameters: $day. Reads: signals of one feature.
SELECT
    signal,
    value,
    reference,
    band_low,
    band_high,
    status
FROM signals
WHERE day = $day AND cohort = 'all'
ORDER BY signal
