-- The lowest-scored items of the last night that was judged, with every verdict about them.
-- Grain: one criterion of one item. Key: item_id, criterion.
-- Parameters: $until, $items (how many), $text (whether text may be shown), $characters (how much of it).
-- Reads: sample, judgments, item_scores of one feature.
WITH last_night AS (
    SELECT MAX(day) AS day
    FROM item_scores
    WHERE day <= $until
),

lowest AS (
    SELECT
        item_scores.feature,
        item_scores.day,
        item_scores.item_id,
        item_scores.rubric_id,
        item_scores.score AS overall
    FROM item_scores
    JOIN last_night USING (day)
    WHERE item_scores.criterion = 'overall' AND item_scores.fate = 'scored'
    ORDER BY
        overall,
        item_id
    LIMIT $items
)

SELECT
    lowest.day,
    lowest.item_id,
    lowest.overall,
    sample.category,
    sample.cohort,
    sample.locale,
    CASE WHEN $text THEN LEFT(sample.input, $characters) END AS input,
    CASE WHEN $text THEN LEFT(sample.output, $characters) END AS output,
    judgments.criterion,
    judgments.level,
    CASE WHEN $text THEN LEFT(judgments.rationale, $characters) END AS rationale
FROM lowest
JOIN judgments USING (feature, day, item_id, rubric_id)
LEFT JOIN sample
    ON sample.feature = lowest.feature
    AND sample.day = lowest.day
    AND sample.log_id = lowest.item_id
ORDER BY
    lowest.overall,
    lowest.item_id,
    judgments.criterion
