-- The strata of a day's population: the logs that have an output, of the stage's cohorts.
-- Grain: one stratum. Key: stratum.
-- Parameters: $stratify_by (a column of prod_logs), $cohorts (a list, or null for all).
-- Reads: prod_logs of one day.
SELECT
    COALESCE(
        CASE $stratify_by
            WHEN 'category' THEN category
            WHEN 'cohort' THEN cohort
            WHEN 'locale' THEN locale
            WHEN 'model' THEN model
            WHEN 'prompt_version' THEN prompt_version
        END,
        '(none)'
    ) AS stratum,
    COUNT(*) AS stratum_size
FROM prod_logs
WHERE
    output IS NOT NULL
    AND (CAST($cohorts AS VARCHAR[]) IS NULL OR LIST_CONTAINS(CAST($cohorts AS VARCHAR[]), cohort))
GROUP BY 1
ORDER BY 1
