-- Title: Error rate.
-- Measures: the share of logs with an error that the user saw.
-- Unit: share.
-- Uncertainty: wilson.
-- Reference: limit.
-- Band: error_rate 0.01 (highest healthy share of logs with an error).
-- Harmful: above.
SELECT
    COUNT(error) AS hits,
    COUNT(*) AS trials
FROM prod_logs
