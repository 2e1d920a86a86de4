-- Every judged item of the complete days and of the newest cold eval by the same rulers, with its place in the design.
-- Grain: one criterion of one item by one ruler; of the criterion `overall`, the rubric is the ruler.
-- Key: item_kind, day (a text, empty for a cold item), item_id, criterion, ruler_id.
-- Reads: judgments (of both kinds), item_scores, day_states, sample, cold_items, rubrics of one feature.
--
-- `weight` is an item's share of its night's logs, so that nights count the same; a cold item's is 1. The newest cold
-- eval of a ruler is the one that the last night was compared with; before any night, the one that was judged last.
WITH rulers_of AS (
    SELECT
        rubric_id,
        criterion,
        ruler_id
    FROM rubrics
    UNION ALL
    SELECT DISTINCT
        rubric_id,
        'overall' AS criterion,
        rubric_id AS ruler_id
    FROM rubrics
),

nights AS (
    SELECT
        day,
        SUM(weight ORDER BY log_id) AS logs
    FROM sample
    GROUP BY day
),

production AS (
    SELECT
        'prod' AS item_kind,
        CAST(item_scores.day AS VARCHAR) AS day,
        item_scores.item_id,
        item_scores.criterion,
        rulers_of.ruler_id,
        item_scores.rubric_id,
        item_scores.baseline_id,
        sample.stratum,
        sample.stratum_size,
        sample.weight / nights.logs AS weight,
        item_scores.fate,
        item_scores.score
    FROM item_scores
    JOIN sample ON sample.day = item_scores.day AND sample.log_id = item_scores.item_id
    JOIN nights ON nights.day = item_scores.day
    JOIN day_states ON day_states.day = item_scores.day AND day_states.state = 'complete'
    JOIN rulers_of ON rulers_of.rubric_id = item_scores.rubric_id AND rulers_of.criterion = item_scores.criterion
),

last_nights AS (
    SELECT
        rubric_id,
        baseline_id,
        MAX(day) AS day
    FROM judgments
    WHERE item_kind = 'prod'
    GROUP BY rubric_id, baseline_id
),

versions AS (
    SELECT
        rubric_id,
        baseline_id,
        MAX(judged_at) AS judged_at
    FROM judgments
    WHERE item_kind = 'cold'
    GROUP BY rubric_id, baseline_id
),

placed AS (
    SELECT
        rulers_of.ruler_id,
        rulers_of.criterion,
        versions.rubric_id,
        versions.baseline_id,
        ROW_NUMBER() OVER (
            PARTITION BY rulers_of.ruler_id, rulers_of.criterion
            ORDER BY
                last_nights.day DESC NULLS LAST,
                versions.judged_at DESC,
                versions.baseline_id,
                versions.rubric_id
        ) AS place
    FROM versions
    JOIN rulers_of ON rulers_of.rubric_id = versions.rubric_id
    LEFT JOIN last_nights
        ON last_nights.rubric_id = versions.rubric_id AND last_nights.baseline_id = versions.baseline_id
),

cold AS (
    SELECT
        'cold' AS item_kind,
        '' AS day,
        item_scores.item_id,
        item_scores.criterion,
        placed.ruler_id,
        item_scores.rubric_id,
        item_scores.baseline_id,
        cold_items.category AS stratum,
        CAST(NULL AS BIGINT) AS stratum_size,
        1.0 AS weight,
        item_scores.fate,
        item_scores.score
    FROM item_scores
    JOIN placed
        ON placed.rubric_id = item_scores.rubric_id
        AND placed.baseline_id = item_scores.baseline_id
        AND placed.criterion = item_scores.criterion
        AND placed.place = 1
    JOIN cold_items ON cold_items.baseline_id = item_scores.baseline_id AND cold_items.item_id = item_scores.item_id
    WHERE item_scores.day IS NULL
)

SELECT * FROM production
UNION ALL
SELECT * FROM cold
ORDER BY criterion, ruler_id, item_kind, day, item_id
