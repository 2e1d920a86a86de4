-- The sampled logs: of each stratum the stratum_sampled ones with the smallest keys, a simple random sample without
-- replacement that is the same on every run and engine, and holds every smaller sample.
-- Grain: one sampled log. Key: log_id.
-- Parameters: $feature, $day, $stratify_by, $cohorts as in strata.sql; $salt, which makes another sample.
-- Reads: prod_logs of one day; allocation (stratum, stratum_size, stratum_sampled).
WITH keyed AS (  -- ids alone: the wide columns are fetched for the chosen few
    SELECT
        log_id,
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
        SHA256($salt || '|' || $feature || '|' || CAST(CAST($day AS DATE) AS VARCHAR) || '|' || log_id) AS key
    FROM prod_logs
    WHERE
        output IS NOT NULL
        AND (CAST($cohorts AS VARCHAR[]) IS NULL OR LIST_CONTAINS(CAST($cohorts AS VARCHAR[]), cohort))
),

ranked AS (
    SELECT
        log_id,
        stratum,
        ROW_NUMBER() OVER (PARTITION BY stratum ORDER BY key, log_id) AS place
    FROM keyed
),

chosen AS (
    SELECT
        ranked.log_id,
        allocation.stratum,
        allocation.stratum_size,
        allocation.stratum_sampled
    FROM ranked
    JOIN allocation USING (stratum)
    WHERE ranked.place <= allocation.stratum_sampled
)

SELECT
    chosen.stratum,
    chosen.stratum_size,
    chosen.stratum_sampled,
    chosen.stratum_sampled / chosen.stratum_size AS inclusion_probability,
    chosen.stratum_size / chosen.stratum_sampled AS weight,
    prod_logs.*
FROM prod_logs
JOIN chosen USING (log_id)
