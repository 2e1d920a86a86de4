-- The lowest-scored items of the last night that was judged, with every verdict about them.
-- Grain: one criterion of one item. Key: item_id, criterion.
-- Parameters: $until, $items (how many), $text (whether text may be shown), $characters (how much of it).
-- Reads: sample, judgments, rubrics of one feature.
WITH last_night AS (
    SELECT MAX(day) AS day
    FROM judgments
    WHERE item_kind = 'prod' AND day <= $until
),

verdicts AS (
    SELECT
        judgments.*,
        rubrics.weight
    FROM judgments
    JOIN last_night USING (day)
    JOIN rubrics USING (feature, rubric_id, criterion)
    WHERE judgments.item_kind = 'prod'
),

-- an item with a criterion that failed has no overall score
lowest AS (
    SELECT
        item_id,
        SUM(weight * score) / SUM(weight) FILTER (WHERE status = 'scored') AS overall
    FROM verdicts
    GROUP BY item_id
    HAVING BOOL_AND(status IN ('scored', 'not_applicable')) AND BOOL_OR(status = 'scored')
    ORDER BY
        overall,
        item_id
    LIMIT $items
)

SELECT
    verdicts.day,
    verdicts.item_id,
    lowest.overall,
    sample.category,
    sample.cohort,
    sample.locale,
    CASE WHEN $text THEN LEFT(sample.input, $characters) END AS input,
    CASE WHEN $text THEN LEFT(sample.output, $characters) END AS output,
    verdicts.criterion,
    verdicts.level,
    CASE WHEN $text THEN LEFT(verdicts.rationale, $characters) END AS rationale
FROM lowest
JOIN verdicts USING (item_id)
LEFT JOIN sample
    ON sample.feature = verdicts.feature
    AND sample.day = verdicts.day
    AND sample.log_id = verdicts.item_id
ORDER BY
    lowest.overall,
    verdicts.item_id,
    verdicts.criterion
