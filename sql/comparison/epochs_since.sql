-- When the first epoch began that has a night on or after a day.
-- Grain: one row; null where there is no such night.
-- Parameters: $since. Reads: divergence of one feature.
SELECT MIN(epoch_start) AS begins
FROM divergence
WHERE
    day >= CAST($since AS DATE)
    AND "window" = 'night'
    AND slice_kind = 'overall'
    AND criterion = 'overall'
