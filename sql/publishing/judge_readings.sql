-- The newest reading of every ruler of a rubric on its anchors.
-- Grain: one criterion. Key: criterion.
-- Parameters: $until (a date), $rubric_id. Reads: judge_drift, rubrics of one feature.
WITH placed AS (
    SELECT
        judge_drift.*,
        ROW_NUMBER() OVER (PARTITION BY judge_drift.ruler_id ORDER BY judge_drift.judged_on DESC) AS place
    FROM judge_drift
    JOIN rubrics ON rubrics.ruler_id = judge_drift.ruler_id AND rubrics.rubric_id = $rubric_id
    WHERE judge_drift.judged_on <= $until
)

SELECT
    criterion,
    judged_on,
    anchors,
    mean_first,
    mean_now,
    difference,
    ci_low,
    ci_high,
    status
FROM placed
WHERE place = 1
ORDER BY criterion
