-- The cold evals that the judgments of production name, and the first and the last day of each.
-- Grain: one cold eval. Key: baseline_id.
-- Reads: judgments (of production) of one feature.
SELECT
    baseline_id,
    MIN(day) AS first_day,
    MAX(day) AS last_day
FROM judgments
WHERE item_kind = 'prod'
GROUP BY baseline_id
ORDER BY last_day DESC, first_day, baseline_id
