-- Is production different because of what it is asked, or because of how well it answers?
-- Answer: one row per category of each feature's newest epoch, and one for all, on the overall score, in percent of the
-- cold eval's mean. `from_quality` is other scores in the same categories; `from_mix` is other shares of them;
-- `from_new` and `from_gone` are categories that the cold eval has not, and that production has not. The four add up to
-- `percent_different`. Much mix and little quality means that the cold eval is stale: give it production's mix.
WITH newest AS (
    SELECT
        feature,
        MAX(day) AS day
    FROM mix_shift
    GROUP BY feature
),

whole AS (
    SELECT
        mix_shift.feature,
        mix_shift.baseline_mean
    FROM mix_shift
    JOIN newest USING (feature, day)
    WHERE "window" = 'epoch' AND criterion = 'overall' AND slice_kind = 'overall'
)

SELECT
    mix_shift.feature,
    mix_shift.slice AS category,
    ROUND(100 * mix_shift.prod_share, 1) AS percent_of_production,
    ROUND(100 * mix_shift.baseline_share, 1) AS percent_of_cold_eval,
    ROUND(100 * mix_shift.quality / whole.baseline_mean, 2) AS from_quality,
    ROUND(100 * mix_shift.composition / whole.baseline_mean, 2) AS from_mix,
    ROUND(100 * mix_shift.only_in_production / whole.baseline_mean, 2) AS from_new,
    ROUND(100 * mix_shift.only_in_baseline / whole.baseline_mean, 2) AS from_gone,
    ROUND(100 * mix_shift.total / whole.baseline_mean, 2) AS percent_different
FROM mix_shift
JOIN newest USING (feature, day)
JOIN whole ON whole.feature = mix_shift.feature
WHERE mix_shift."window" = 'epoch' AND mix_shift.criterion = 'overall'
ORDER BY
    mix_shift.feature,
    mix_shift.slice_kind DESC,
    mix_shift.total NULLS LAST,
    mix_shift.slice
