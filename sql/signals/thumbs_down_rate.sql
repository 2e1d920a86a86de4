-- Title: Thumbs-down rate.
-- Measures: the share of all logs with a thumbs-down, on a day that has any feedback.
-- Unit: share.
-- Uncertainty: wilson.
-- Reference: limit.
-- Band: thumbs_down 0.10 (highest healthy share of logs with a thumbs-down).
-- Harmful: above.
SELECT
    COUNT(*) FILTER (WHERE feedback = 'down') AS hits,
    CASE WHEN COUNT(feedback) > 0 THEN COUNT(*) ELSE 0 END AS trials
FROM prod_logs
