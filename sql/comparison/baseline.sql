-- What a cold eval scores: mean and standard error, of all its items and of each category.
-- Grain: one criterion of one slice. Key: slice_kind, slice, criterion.
-- Reads: item_scores of cold items, cold_items, both of one baseline_id and rubric_id.
--
-- The items are taken as a simple random sample of what they stand for: the standard error is s / sqrt(m). Sums of
-- fractions are taken in the items' order, so that they come out the same to the last bit on every run.
SELECT
    CASE WHEN GROUPING(cold_items.category) = 1 THEN 'overall' ELSE 'category' END AS slice_kind,
    CASE WHEN GROUPING(cold_items.category) = 1 THEN 'all' ELSE cold_items.category END AS slice,
    item_scores.criterion,
    AVG(item_scores.score ORDER BY item_id) AS mean,
    STDDEV_SAMP(item_scores.score ORDER BY item_id) / SQRT(COUNT(item_scores.score)) AS standard_error,
    COUNT(item_scores.score) AS items
FROM item_scores
JOIN cold_items USING (item_id)
GROUP BY GROUPING SETS ((item_scores.criterion), (item_scores.criterion, cold_items.category))
