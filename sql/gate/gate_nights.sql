-- Every day that a decision is due for, and what became of its night.
-- Grain: one day. Key: day.
-- Parameters: $start, $through (the first and the last day).
-- Reads: nights, divergence of one feature.
--
-- A day is `missing` when it has no table at all. `items` are those with an overall score that divergence used: none
-- when the day is missing, incomplete or empty.
WITH days AS (
    SELECT CAST(UNNEST(GENERATE_SERIES(CAST($start AS DATE), CAST($through AS DATE), INTERVAL 1 DAY)) AS DATE) AS day
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
    COALESCE(nights.state, 'missing') AS state,
    COALESCE(nights.sampled, 0) AS sampled,
    COALESCE(nights.failed, 0) AS failed,
    COALESCE(compared.items, 0) AS items,
    compared.epoch_start,
    compared.rubric_id,
    compared.baseline_id
FROM days
LEFT JOIN nights USING (day)
LEFT JOIN compared USING (day)
ORDER BY days.day
