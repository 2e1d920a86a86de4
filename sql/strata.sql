-- The strata of a day's population: the logs that have an output, of the stage's cohorts.
-- Grain: one stratum. Key: stratum.
-- Parameters: $stratify_by (a column of prod_logs), $cohorts (a list, or null for all), $n (the sample's size).
-- Reads: prod_logs of one day.
--
-- There are at most n strata, so that each can have a unit: where the column has more values (free text in its place,
-- say), the n - 1 largest are strata and all others together are the stratum `(other)`.
WITH sized AS (
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
        ) AS value,
        COUNT(*) AS logs
    FROM prod_logs
    WHERE
        output IS NOT NULL
        AND (CAST($cohorts AS VARCHAR[]) IS NULL OR LIST_CONTAINS(CAST($cohorts AS VARCHAR[]), cohort))
    GROUP BY 1
),

placed AS (
    SELECT
        value,
        logs,
        ROW_NUMBER() OVER (ORDER BY logs DESC, value) AS place,
        COUNT(*) OVER () AS found
    FROM sized
)

SELECT
    CASE WHEN found > $n AND place >= $n THEN '(other)' ELSE value END AS stratum,
    CAST(SUM(logs) AS BIGINT) AS stratum_size
FROM placed
GROUP BY 1
ORDER BY 1
