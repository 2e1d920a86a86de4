-- The overall score of every night and of its epoch so far, with 90 % intervals around the same cold mean.
-- Grain: one day. Key: day.
-- Parameters: $until. Reads: divergence of one feature.
WITH overall AS (
    SELECT
        *,
        COALESCE(baseline_mean + ci_low, prod_low) AS low,
        COALESCE(baseline_mean + ci_high, prod_high) AS high
    FROM divergence
    WHERE slice_kind = 'overall' AND criterion = 'overall' AND day <= $until
)

SELECT
    day,
    MAX(stage) AS stage,
    MAX(epoch_start) AS epoch_start,
    MAX(prod_mean) FILTER (WHERE "window" = 'night') AS night_mean,
    MAX(low) FILTER (WHERE "window" = 'night') AS night_low,
    MAX(high) FILTER (WHERE "window" = 'night') AS night_high,
    MAX(prod_mean) FILTER (WHERE "window" = 'epoch') AS epoch_mean,
    MAX(low) FILTER (WHERE "window" = 'epoch') AS epoch_low,
    MAX(high) FILTER (WHERE "window" = 'epoch') AS epoch_high,
    MAX(baseline_mean) AS baseline_mean,
    MAX(baseline_mean * (1 - band)) AS band_low,
    MAX(baseline_mean * (1 + band)) AS band_high
FROM overall
GROUP BY day
ORDER BY day
