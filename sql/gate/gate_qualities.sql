-- The overall score of every slice over the epoch up to a day, with what a decision asks of it.
-- Grain: one slice on a day. Key: day, slice_kind, slice.
-- Parameters: $since, $through (the first and the last day). Reads: divergence, baseline of one feature.
SELECT
    divergence.day,
    divergence.slice_kind,
    divergence.slice,
    divergence.verdict,
    divergence.baseline_mean,
    divergence.difference,
    divergence.relative_difference,
    divergence.ci_low,
    divergence.ci_high,
    divergence.band,
    divergence.prod_standard_error AS standard_error,
    divergence.baseline_standard_error,
    COALESCE(baseline.items, 0) AS baseline_items,
    divergence.adjusted_p,
    COALESCE(divergence.nights, 0) AS nights,
    COALESCE(divergence.items, 0) AS items,
    divergence.more_nights,
    divergence.missing_share,
    divergence.standardised_difference,
    COALESCE(divergence.alarm, FALSE) AS alarm,
    COALESCE(divergence.alarm_nights, 0) AS alarm_nights,
    divergence.alarm_difference,
    divergence.baseline_uncertainty
FROM divergence
LEFT JOIN baseline
    ON baseline.baseline_id = divergence.baseline_id
    AND baseline.rubric_id = divergence.rubric_id
    AND baseline.criterion = 'overall'
    -- a category is compared with the same category, everything else with the whole cold eval
    AND baseline.slice_kind = CASE divergence.slice_kind WHEN 'category' THEN 'category' ELSE 'overall' END
    AND baseline.slice = CASE divergence.slice_kind WHEN 'category' THEN divergence.slice ELSE 'all' END
WHERE
    divergence."window" = 'epoch'
    AND divergence.criterion = 'overall'
    AND divergence.day BETWEEN CAST($since AS DATE) AND CAST($through AS DATE)
ORDER BY
    divergence.day,
    divergence.slice_kind,
    divergence.slice
