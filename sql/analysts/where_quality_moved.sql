-- Where does production differ most from the cold eval?
-- Answer: one row per category and criterion of each feature's newest epoch, furthest below the cold eval first. A
-- verdict of `below` is measured: its whole 90 % interval is under the band, at every night. `small_cell` has too few
-- items to say, and `no_baseline` is a category that the cold eval does not have: consider adding items of it.
WITH newest AS (
    SELECT
        feature,
        MAX(day) AS day
    FROM divergence
    WHERE "window" = 'epoch' AND slice_kind = 'overall' AND prod_mean IS NOT NULL
    GROUP BY feature
)

SELECT
    feature,
    slice AS category,
    criterion,
    verdict,
    ROUND(prod_mean, 3) AS production,
    ROUND(baseline_mean, 3) AS cold,
    ROUND(100 * relative_difference, 2) AS percent_different,
    ROUND(100 * minimum_detectable, 2) AS percent_detectable,
    nights,
    items
FROM divergence
JOIN newest USING (feature, day)
WHERE "window" = 'epoch' AND slice_kind = 'category'
ORDER BY
    feature,
    relative_difference NULLS LAST,
    category,
    criterion
