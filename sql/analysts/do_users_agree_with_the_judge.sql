-- Do users agree with the judge?
-- Answer: the mean score of sampled logs that users voted up, down, or not at all, each log weighted by how many it
-- stands for, and each ruler by itself. Thumbs-down logs that score as high as thumbs-up ones mean that the rubric
-- misses what users mind.
SELECT
    sample.feature,
    judgments.criterion,
    judgments.ruler_id,
    COALESCE(sample.feedback, 'no vote') AS feedback,
    COUNT(*) AS items,
    ROUND(SUM(sample.weight * judgments.score) / SUM(sample.weight), 3) AS mean_score
FROM sample
JOIN judgments
    ON judgments.feature = sample.feature
    AND judgments.day = sample.day
    AND judgments.item_id = sample.log_id
    AND judgments.item_kind = 'prod'
WHERE judgments.status = 'scored'
GROUP BY
    sample.feature,
    judgments.criterion,
    judgments.ruler_id,
    feedback
ORDER BY
    sample.feature,
    judgments.criterion,
    judgments.ruler_id,
    feedback
