-- What each judged item scores: on every criterion that was scored, and overall.
-- Grain: one criterion of one item; the criterion `overall` is the weighted mean of those that apply.
-- Key: feature, day, item_id, rubric_id, baseline_id, criterion.
-- Reads: judgments (of one item_kind), rubrics.
--
-- An item has an overall score when none of its criteria failed and at least one applies; a failed judgment is neither
-- a 0 nor left out of the mean in silence: `fate` says what became of the item. Sums are ordered, as doubles added in
-- another order may differ in their last bits.
--
-- `least` and `greatest` are what an item could score at all: its score where it has one; where judgments failed, what
-- the others leave open, with a 0 or a 1 in the place of each that failed; null where the criterion does not apply.
WITH weighted AS (
    SELECT
        judgments.feature,
        judgments.day,
        judgments.item_id,
        judgments.rubric_id,
        judgments.baseline_id,
        judgments.criterion,
        judgments.status,
        judgments.score,
        CASE WHEN judgments.status <> 'not_applicable' THEN COALESCE(judgments.score, 0) END AS least,
        CASE WHEN judgments.status <> 'not_applicable' THEN COALESCE(judgments.score, 1) END AS greatest,
        rubrics.weight
    FROM judgments
    JOIN rubrics USING (feature, rubric_id, criterion)
)

SELECT
    feature,
    day,
    item_id,
    rubric_id,
    baseline_id,
    'overall' AS criterion,
    CASE
        WHEN COUNT(*) FILTER (WHERE status NOT IN ('scored', 'not_applicable')) > 0 THEN 'failed'
        WHEN COUNT(score) = 0 THEN 'not_applicable'
        ELSE 'scored'
    END AS fate,
    CASE
        WHEN COUNT(*) FILTER (WHERE status NOT IN ('scored', 'not_applicable')) = 0
            THEN
                SUM(weight * score ORDER BY criterion)
                / SUM(weight ORDER BY criterion) FILTER (WHERE score IS NOT NULL)
    END AS score,
    SUM(weight * least ORDER BY criterion) / SUM(weight ORDER BY criterion) FILTER (WHERE least IS NOT NULL) AS least,
    SUM(weight * greatest ORDER BY criterion)
    / SUM(weight ORDER BY criterion) FILTER (WHERE greatest IS NOT NULL) AS greatest
FROM weighted
GROUP BY feature, day, item_id, rubric_id, baseline_id
UNION ALL
SELECT
    feature,
    day,
    item_id,
    rubric_id,
    baseline_id,
    criterion,
    status,
    score,
    least,
    greatest
FROM weighted
