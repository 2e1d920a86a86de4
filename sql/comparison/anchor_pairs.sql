-- Every anchor as it was judged on a date, beside the verdict on it when the cold eval was judged by the same ruler.
-- Grain: one criterion of one anchor on one date. Key: judged_on, ruler_id, item_id.
-- Reads: anchor_judgments, cold_judgments of one feature.
--
-- The day of an anchor's judgment is the date on which it was made. An anchor that lacks a score on a side is no pair.
SELECT
    anchor.day AS judged_on,
    anchor.criterion,
    anchor.ruler_id,
    anchor.item_id,
    MAX(cold.score) AS first_score,
    MAX(anchor.score) AS score_now
FROM anchor_judgments AS anchor
JOIN cold_judgments AS cold
    ON cold.item_id = anchor.item_id
    AND cold.criterion = anchor.criterion
    AND cold.ruler_id = anchor.ruler_id
    AND cold.baseline_id = anchor.baseline_id
WHERE anchor.status = 'scored' AND cold.status = 'scored'
GROUP BY anchor.day, anchor.criterion, anchor.ruler_id, anchor.item_id
ORDER BY
    anchor.criterion,
    anchor.ruler_id,
    judged_on,
    anchor.item_id
