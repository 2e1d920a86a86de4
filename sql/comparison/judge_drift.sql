-- The dates of a ruler's anchors: those that were read again, and those that stand as they were.
-- Grain: one ruler on a date on which anchors were judged. Key: judged_on, ruler_id.
-- Reads: anchor_dates (of the changed dates), listed_dates (judged_on, made_of, changed), judge_drift as it was before.
WITH unchanged AS (
    SELECT
        judged_on,
        criterion,
        ruler_id,
        anchors,
        mean_first,
        mean_now,
        own_difference,
        own_variance
    FROM judge_drift
    SEMI JOIN listed_dates ON listed_dates.judged_on = judge_drift.judged_on AND NOT listed_dates.changed
),

dates AS (
    SELECT * FROM anchor_dates
    UNION ALL
    SELECT * FROM unchanged
)

SELECT
    dates.*,
    listed_dates.made_of
FROM dates
JOIN listed_dates USING (judged_on)
ORDER BY dates.ruler_id, dates.judged_on
