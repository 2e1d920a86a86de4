-- The overall score of the epoch up to a day, against the cold eval.
-- Grain: at most one row.
-- Parameters: $day. Reads: divergence of one feature.
SELECT
    prod_mean,
    baseline_mean,
    difference,
    relative_difference,
    ci_low,
    ci_high,
    band,
    verdict,
    nights,
    items,
    minimum_detectable,
    more_nights,
    alarm,
    standardised_difference,
    missing_share,
    baseline_uncertainty,
    epoch_start
FROM divergence
WHERE day = $day AND "window" = 'epoch' AND slice_kind = 'overall' AND criterion = 'overall'
