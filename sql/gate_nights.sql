-- Every day that a decision is due for, and what became of its night.
-- Grain: one day. Key: day.
-- Parameters: $start, $through (the first and the last day).
-- Reads: funnel, divergence of one feature.
--
-- `items` are those with an overall score that divergence used: none when the day is missing, incomplete or empty.
WITH days AS (
    SELECT CAST(UNNEST(GENERATE_SERIES(CAST($start AS DATE), CAST($through AS DATE), INTERVAL 1 DAY)) AS DATE) AS day
),

counted AS (
    SELECT
        day,
        COALESCE(SUM(items) FILTER (WHERE stage = 'sample'), 0) AS sampled,
        COALESCE(SUM(items) FILTER (WHERE stage = 'sample' AND status = 'scored'), 0) AS scored,
        COALESCE(SUM(items) FILTER (WHERE stage = 'sample' AND status = 'failed'), 0) AS failed,
        COALESCE(SUM(items) FILTER (WHERE stage = 'judgments' AND status = 'pending'), 0) AS pending
    FROM funnel
    GROUP BY day
),

compared AS (
    SELECT
        day,
        MAX(items) AS items,
        MAX(epoch_start) AS epoch_start,
        MAX(rubric_id) AS rubric_id,
        MAX(baseline_id) AS baseline_id
    FROM divergence
    WHERE "window" = 'night' AND slice_kind = 'overall' AND criterion = 'overall'
    GROUP BY day
)

SELECT
    days.day,
    CASE
        WHEN counted.day IS NULL THEN 'missing'
        -- scores that divergence did not use: its sample is not the one that was judged
        WHEN counted.pending > 0 OR (counted.scored > 0 AND COALESCE(compared.items, 0) = 0) THEN 'incomplete'
        ELSE 'complete'
    END AS state,
    COALESCE(counted.sampled, 0) AS sampled,
    COALESCE(counted.failed, 0) AS failed,
    COALESCE(compared.items, 0) AS items,
    compared.epoch_start,
    compared.rubric_id,
    compared.baseline_id
FROM days
LEFT JOIN counted USING (day)
LEFT JOIN compared USING (day)
ORDER BY days.day
