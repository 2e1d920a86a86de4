-- How far a day has come, and how many of its sampled logs the judge failed on.
-- Grain: one row. Reads: day_states, funnel of one day.
SELECT
    COALESCE((SELECT MAX(state) FROM day_states), 'incomplete') AS state,
    COALESCE(SUM(items) FILTER (WHERE stage = 'sample'), 0) AS sampled,
    COALESCE(SUM(items) FILTER (WHERE stage = 'sample' AND status = 'failed'), 0) AS failed
FROM funnel
