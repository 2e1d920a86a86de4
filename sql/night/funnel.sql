-- Where every line, log, sampled item and judgment of a day ended. Each stage adds up to what enters it.
-- Grain: one status at one stage. Key: stage, status.
-- Parameters: $cohorts (those that are sampled; null for all).
-- Reads: log_files, rejected_logs, prod_logs, sample, judgments, item_scores, all of one day.
WITH logs AS (
    SELECT
        CASE
            WHEN sample.log_id IS NOT NULL THEN 'sampled'
            WHEN prod_logs.output IS NULL THEN 'no_output'
            WHEN
                CAST($cohorts AS VARCHAR[]) IS NOT NULL
                AND NOT COALESCE(LIST_CONTAINS(CAST($cohorts AS VARCHAR[]), prod_logs.cohort), FALSE)
                THEN 'other_cohort'
            ELSE 'not_sampled'
        END AS status
    FROM prod_logs
    LEFT JOIN sample USING (log_id)
),

pending AS (
    SELECT DISTINCT item_id
    FROM judgments
    WHERE status = 'pending'
),

counted AS (
    SELECT
        'lines' AS stage,
        'prod_logs' AS status,
        COALESCE(SUM(prod_logs), 0) AS items
    FROM log_files
    UNION ALL
    SELECT
        'lines',
        'other_day',
        COALESCE(SUM(other_day), 0)
    FROM log_files
    UNION ALL
    SELECT
        'lines',
        'blank',
        COALESCE(SUM(blank), 0)
    FROM log_files
    UNION ALL
    SELECT
        'lines',
        'left_out',
        COALESCE(SUM(left_out), 0)
    FROM log_files
    UNION ALL
    SELECT
        'lines',
        reason,
        COUNT(*)
    FROM rejected_logs
    GROUP BY reason
    UNION ALL
    SELECT
        'logs',
        status,
        COUNT(*)
    FROM logs
    GROUP BY status
    UNION ALL
    SELECT
        'sample',
        CASE WHEN pending.item_id IS NOT NULL THEN 'pending' ELSE COALESCE(item_scores.fate, 'failed') END,
        COUNT(*)
    FROM sample
    LEFT JOIN item_scores ON item_scores.item_id = sample.log_id AND item_scores.criterion = 'overall'
    LEFT JOIN pending ON pending.item_id = sample.log_id
    GROUP BY 2
    UNION ALL
    SELECT
        'judgments',
        status,
        COUNT(*)
    FROM judgments
    GROUP BY status
)

SELECT *
FROM counted
WHERE items > 0 OR status = 'prod_logs'
ORDER BY stage, status
