-- What each date says of a ruler: how its anchors were scored then, and on the date.
-- Grain: one ruler on a date on which anchors were judged. Key: judged_on, ruler_id.
-- Reads: anchor_pairs.
--
-- `own_variance` is that of the date's mean difference: s^2 / n. Sums are ordered, as doubles added in another order
-- may differ in their last bits.
SELECT
    judged_on,
    criterion,
    ruler_id,
    COUNT(*) AS anchors,
    AVG(first_score ORDER BY item_id) AS mean_first,
    AVG(score_now ORDER BY item_id) AS mean_now,
    AVG(score_now - first_score ORDER BY item_id) AS own_difference,
    VAR_SAMP(score_now - first_score ORDER BY item_id) / COUNT(*) AS own_variance
FROM anchor_pairs
GROUP BY judged_on, criterion, ruler_id
ORDER BY judged_on, criterion, ruler_id
