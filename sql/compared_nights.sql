-- Every night's mean of all logs and the cold eval's that it was compared with, on each criterion.
-- Grain: one criterion of one night with scores on both sides. Key: day, criterion.
-- Reads: divergence of one feature.
SELECT
    day,
    rubric_id,
    baseline_id,
    criterion,
    prod_mean,
    prod_standard_error,
    baseline_mean,
    baseline_standard_error
FROM divergence
WHERE
    "window" = 'night'
    AND slice_kind = 'overall'
    AND prod_standard_error IS NOT NULL
    AND baseline_standard_error IS NOT NULL
ORDER BY day, criterion
