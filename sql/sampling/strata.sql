-- The strata of a day's population: the logs that have an output, of the stage's cohorts.
-- Grain: one stratum. Key: stratum.
-- Parameters: $stratify_by (a list of columns of prod_logs), $cohorts (a list, or null for all), $n (how many logs are
--   judged), $floor (the fewest of a stratum).
-- Reads: prod_logs of one day.
--
-- A stratum is named by its values, in the order of the columns below whatever their order in $stratify_by: `billing`,
-- or `billing / en`; a value that is missing is `(none)`.
--
-- Small values are merged, not dropped: where not all logs are judged, those with fewer logs than the floor are one
-- stratum, `(other)`, once there are two of them. None of them could fill its floor; together they can, and have a
-- spread that can be measured. A rule on size alone leaves the strata as they are when n changes, and so keeps samples
-- nested. What was merged is still told apart by the sample's own columns. Should there be more strata than n even
-- then (free text in place of a category, say), the n - 1 largest stay, so that each stratum can have a unit.
WITH valued AS (
    SELECT
        CONCAT_WS(
            ' / ',
            CASE WHEN LIST_CONTAINS(CAST($stratify_by AS VARCHAR[]), 'category') THEN COALESCE(category, '(none)') END,
            CASE WHEN LIST_CONTAINS(CAST($stratify_by AS VARCHAR[]), 'cohort') THEN COALESCE(cohort, '(none)') END,
            CASE WHEN LIST_CONTAINS(CAST($stratify_by AS VARCHAR[]), 'locale') THEN COALESCE(locale, '(none)') END,
            CASE WHEN LIST_CONTAINS(CAST($stratify_by AS VARCHAR[]), 'model') THEN COALESCE(model, '(none)') END,
            CASE
                WHEN LIST_CONTAINS(CAST($stratify_by AS VARCHAR[]), 'prompt_version')
                    THEN COALESCE(prompt_version, '(none)')
            END
        ) AS value
    FROM prod_logs
    WHERE
        output IS NOT NULL
        AND (CAST($cohorts AS VARCHAR[]) IS NULL OR LIST_CONTAINS(CAST($cohorts AS VARCHAR[]), cohort))
),

sized AS (
    SELECT
        value,
        COUNT(*) AS logs
    FROM valued
    GROUP BY value
),

placed AS (
    SELECT
        value,
        logs,
        ROW_NUMBER() OVER (ORDER BY logs DESC, value) AS place,
        COUNT(*) OVER () AS found,
        SUM(logs) OVER () AS population,
        SUM(CASE WHEN logs >= $floor THEN 1 ELSE 0 END) OVER () AS large
    FROM sized
),

merged AS (  -- the largest `kept` values are strata of their own: the small ones have the last places
    SELECT
        value,
        logs,
        place,
        found,
        CASE WHEN population > $n AND found - large >= 2 THEN large ELSE found END AS kept
    FROM placed
),

limited AS (
    SELECT
        value,
        logs,
        place,
        CASE WHEN kept > $n OR (kept = $n AND kept < found) THEN $n - 1 ELSE kept END AS kept
    FROM merged
)

SELECT
    CASE WHEN place <= kept THEN value ELSE '(other)' END AS stratum,
    CAST(SUM(logs) AS BIGINT) AS stratum_size
FROM limited
GROUP BY 1
ORDER BY 1
