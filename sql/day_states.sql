-- How far each day has come that has any table.
-- Grain: one day. Key: day.
-- Reads: log_files, sample, judgments, funnel of one feature.
--
-- `complete`: its funnel is there, and every sampled log has its judgments, none pending. Else `incomplete`: the night
-- failed on the way, is still under way, or was begun again without coming to its end.
WITH days AS (
    SELECT day FROM log_files
    UNION
    SELECT day FROM sample
    UNION
    SELECT day FROM funnel
),

counted AS (
    SELECT DISTINCT day FROM funnel
),

unjudged AS (
    SELECT DISTINCT sample.day
    FROM sample
    LEFT JOIN judgments ON
        judgments.day = sample.day
        AND judgments.item_id = sample.log_id
        AND judgments.status <> 'pending'
    WHERE judgments.item_id IS NULL
),

pending AS (
    SELECT DISTINCT day
    FROM judgments
    WHERE status = 'pending'
)

SELECT
    days.day,
    CASE
        WHEN counted.day IS NOT NULL AND unjudged.day IS NULL AND pending.day IS NULL THEN 'complete'
        ELSE 'incomplete'
    END AS state
FROM days
LEFT JOIN counted ON counted.day = days.day
LEFT JOIN unjudged ON unjudged.day = days.day
LEFT JOIN pending ON pending.day = days.day
ORDER BY days.day
