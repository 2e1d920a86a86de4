-- The days that are due and have any table, with what must stay the same for them to be pooled.
-- Grain: one day. Key: day.
-- Parameters: $start, $through (the first and the last day). Reads: nights of one feature.
SELECT
    day,
    state,
    stage,
    rubric_id,
    baseline_id,
    epoch_value,
    locales,
    models,
    made_of
FROM nights
WHERE day BETWEEN CAST($start AS DATE) AND CAST($through AS DATE)
ORDER BY day
