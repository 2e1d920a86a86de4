-- Title: Regenerate rate.
-- Measures: the share of all logs whose user asked again, on a day that records whether they did.
-- Unit: share.
-- Uncertainty: wilson.
-- Reference: limit.
-- Band: regenerated 0.10 (highest healthy share of logs whose output was regenerated).
-- Harmful: above.
SELECT
    COUNT(*) FILTER (WHERE regenerated) AS hits,
    CASE WHEN COUNT(regenerated) > 0 THEN COUNT(*) ELSE 0 END AS trials
FROM prod_logs
