-- How far each day has come that has any table.
-- Grain: one day. Key: day.
-- Reads: log_files, sample, judgments, funnel of one feature.
--
-- `complete`: its funnel is there, and every sampled log has a judgment on every criterion, none pending. Else
-- `incomplete`: the night failed on the way, is still under way, or was begun again without coming to its end.
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

asked AS (
    SELECT
        day,
        COUNT(DISTINCT criterion) AS criteria
    FROM judgments
    GROUP BY day
),

judged AS (
    SELECT
        day,
        item_id,
        COUNT(*) AS judgments
    FROM judgments
    WHERE status <> 'pending'
    GROUP BY day, item_id
),

unjudged AS (
    SELECT DISTINCT sample.day
    FROM sample
    LEFT JOIN asked ON asked.day = sample.day
    LEFT JOIN judged ON judged.day = sample.day AND judged.item_id = sample.log_id
    WHERE COALESCE(judged.judgments, 0) < COALESCE(asked.criteria, 1)
)

SELECT
    days.day,
    CASE
        WHEN counted.day IS NOT NULL AND unjudged.day IS NULL THEN 'complete'
        ELSE 'incomplete'
    END AS state
FROM days
LEFT JOIN counted ON counted.day = days.day
LEFT JOIN unjudged ON unjudged.day = days.day
ORDER BY days.day
