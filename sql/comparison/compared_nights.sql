-- Every night's mean of all logs and the cold eval's that it was compared with, on each criterion.
-- Grain: one criterion of one night with scores on both sides. Key: day, criterion.
-- Reads: divergence, baseline of one feature.
--
-- Of each rubric the last 365 nights: a trend is about the present, and the slopes between all pairs of nights are
-- many.
--
-- The cold eval's error is read from where it is measured: to divergence a yardstick has none.
SELECT
    divergence.day,
    divergence.rubric_id,
    divergence.baseline_id,
    divergence.criterion,
    divergence.prod_mean,
    divergence.prod_standard_error,
    baseline.mean AS baseline_mean,
    baseline.standard_error AS baseline_standard_error
FROM divergence
JOIN baseline
    ON baseline.baseline_id = divergence.baseline_id
    AND baseline.rubric_id = divergence.rubric_id
    AND baseline.slice_kind = 'overall'
    AND baseline.criterion = divergence.criterion
WHERE
    divergence."window" = 'night'
    AND divergence.slice_kind = 'overall'
    AND divergence.prod_standard_error IS NOT NULL
    AND baseline.standard_error IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY divergence.rubric_id, divergence.criterion ORDER BY divergence.day DESC) <= 365
ORDER BY divergence.day, divergence.criterion
