-- Every comparison over the epoch that ends with the last night that has one.
-- Grain: one criterion of one slice. Key: slice_kind, slice, criterion.
-- Parameters: $until. Reads: divergence of one feature.
WITH last_night AS (
    SELECT MAX(day) AS day
    FROM divergence
    WHERE "window" = 'epoch' AND slice_kind = 'overall' AND prod_mean IS NOT NULL AND day <= $until
)

SELECT
    day,
    slice_kind,
    slice,
    criterion,
    prod_mean,
    baseline_mean,
    relative_difference AS difference,
    ci_low / baseline_mean AS low,
    ci_high / baseline_mean AS high,
    band,
    verdict,
    nights,
    items,
    minimum_detectable,
    missing_share,
    bound_low,
    bound_high,
    standardised_difference / baseline_mean AS standardised,
    baseline_uncertainty
FROM divergence
JOIN last_night USING (day)
WHERE "window" = 'epoch'
ORDER BY
    slice_kind,
    relative_difference NULLS LAST,
    slice,
    criterion
