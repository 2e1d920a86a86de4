-- The sampled logs: of each stratum the stratum_sampled ones with the smallest keys, a simple random sample without
-- replacement that is the same on every run and engine, and holds every smaller sample.
-- Grain: one sampled log. Key: log_id.
-- Parameters: $feature, $day, $stratify_by, $cohorts as in strata.sql; $salt, which makes another sample; $most, the
--   largest stratum_sampled.
-- Reads: prod_logs of one day; allocation (stratum, stratum_size, stratum_sampled). A value that is no stratum there
--   belongs to `(other)`.
WITH keyed AS (  -- ids alone: the wide columns are fetched for the chosen few
    SELECT
        prod_logs.log_id,
        COALESCE(allocation.stratum, '(other)') AS stratum,
        SHA256($salt || '|' || $feature || '|' || CAST(CAST($day AS DATE) AS VARCHAR) || '|' || prod_logs.log_id) AS key
    FROM prod_logs
    LEFT JOIN allocation ON
        allocation.stratum = COALESCE(
            CASE $stratify_by
                WHEN 'category' THEN prod_logs.category
                WHEN 'cohort' THEN prod_logs.cohort
                WHEN 'locale' THEN prod_logs.locale
                WHEN 'model' THEN prod_logs.model
                WHEN 'prompt_version' THEN prod_logs.prompt_version
            END,
            '(none)'
        )
    WHERE
        prod_logs.output IS NOT NULL
        AND (CAST($cohorts AS VARCHAR[]) IS NULL OR LIST_CONTAINS(CAST($cohorts AS VARCHAR[]), prod_logs.cohort))
),

nearest AS (  -- a bounded list per stratum: ranking every log would sort them all
    SELECT
        stratum,
        UNNEST(MIN_BY({'log_id': log_id, 'key': key}, key, $most)) AS log
    FROM keyed
    GROUP BY stratum
),

ranked AS (
    SELECT
        stratum,
        log.log_id,
        ROW_NUMBER() OVER (PARTITION BY stratum ORDER BY log.key) AS place
    FROM nearest
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
),

items AS (
    SELECT *
    FROM prod_logs
    WHERE log_id IN (SELECT log_id FROM chosen)
)

SELECT
    chosen.stratum,
    chosen.stratum_size,
    chosen.stratum_sampled,
    chosen.stratum_sampled / chosen.stratum_size AS inclusion_probability,
    chosen.stratum_size / chosen.stratum_sampled AS weight,
    items.*
FROM items
JOIN chosen USING (log_id)
