-- How far the overall scores of all nights spread within each stratum of a night, under one rubric.
-- Grain: one stratum. Key: stratum.
-- Parameters: $rubric_id.
-- Reads: sample, item_scores (of production) of one feature.
--
-- Deviations are from the night's own mean of the stratum, so that neither a better week nor another mix counts as
-- spread. Sums are ordered, as doubles added in another order may differ in their last bits.
WITH scored AS (
    SELECT
        sample.day,
        sample.stratum,
        sample.log_id,
        item_scores.score
    FROM sample
    JOIN item_scores
        ON item_scores.day = sample.day
        AND item_scores.item_id = sample.log_id
        AND item_scores.rubric_id = $rubric_id
        AND item_scores.criterion = 'overall'
    WHERE item_scores.score IS NOT NULL
),

centred AS (
    SELECT
        day,
        stratum,
        COUNT(*) AS scores,
        SUM(score ORDER BY log_id) / COUNT(*) AS mean
    FROM scored
    GROUP BY day, stratum
)

SELECT
    stratum,
    COUNT(*) - COUNT(DISTINCT day) AS degrees_of_freedom,
    SUM((score - mean) * (score - mean) ORDER BY day, log_id) AS squares
FROM scored
JOIN centred USING (day, stratum)
GROUP BY stratum
ORDER BY stratum
