-- How judging went on the last night that was judged, and how often the judge has changed its mind so far.
-- Grain: one criterion. Key: criterion.
-- Parameters: $until. Reads: judgments, judge_flips of one feature.
WITH last_night AS (
    SELECT MAX(day) AS day
    FROM judgments
    WHERE day <= $until
),

flips AS (  -- by lot, they speak for all verdicts; the borderline ones do not
    SELECT
        ruler_id,
        votes,
        flip_rate
    FROM judge_flips
    WHERE chosen_by = 'lot'
)

SELECT
    judgments.day,
    judgments.criterion,
    STRING_AGG(DISTINCT judgments.judge_model, ', ' ORDER BY judgments.judge_model) AS models,
    COUNT(*) FILTER (WHERE judgments.status = 'scored') AS scored,
    COUNT(*) FILTER (WHERE judgments.status = 'not_applicable') AS not_applicable,
    COUNT(*) FILTER (WHERE judgments.status = 'pending') AS pending,
    COUNT(*) FILTER (WHERE judgments.status NOT IN ('scored', 'not_applicable', 'pending')) AS failed,
    COUNT(*) FILTER (WHERE judgments.injection_suspected) AS injections,
    COUNT(*) FILTER (WHERE judgments.cut_characters > 0) AS cut,
    COUNT(*) FILTER (WHERE judgments.redactions IS NOT NULL) AS redacted,
    SUM(judgments.cost_usd ORDER BY judgments.item_id) AS cost_usd,
    MAX(flips.votes) AS votes,
    MAX(flips.flip_rate) AS flip_rate
FROM judgments
JOIN last_night ON last_night.day = judgments.day
LEFT JOIN flips ON flips.ruler_id = judgments.ruler_id
GROUP BY judgments.day, judgments.criterion
ORDER BY judgments.criterion
