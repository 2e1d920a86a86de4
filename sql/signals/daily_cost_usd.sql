-- Title: Daily cost.
-- Measures: what the answers of a day cost together.
-- Unit: usd.
-- Uncertainty: none.
-- Reference: forecast.daily_cost_usd by stage (what a day costs at each stage, in US dollars).
-- Band: daily_cost 0.20 (relative to the stage's forecast).
-- Harmful: above.
SELECT
    -- added up as decimals: a sum of doubles depends on the order in which threads come to it; no number, an infinite
    -- and a negative one measure nothing (NaN is greater than all others)
    CAST(
        SUM(CAST(CASE WHEN cost_usd >= 0 AND cost_usd < 1e12 THEN cost_usd END AS DECIMAL(38, 12))) AS DOUBLE
    ) AS value,
    COUNT(*) FILTER (WHERE cost_usd >= 0 AND cost_usd < 1e12) AS observations
FROM prod_logs
