-- The sampled logs: of each stratum the stratum_sampled ones with the smallest keys, a simple random sample without
-- replacement that is the same on every run and engine, and holds every smaller sample. A log that comes late enters
-- only if its key is below the last one taken; the others stay, but for the one that it displaces.
-- Grain: one sampled log. Key: log_id.
-- Parameters: $feature, $day, $stratify_by, $cohorts as in strata.sql; $salt, which makes another sample; $most, the
--   largest stratum_sampled.
-- Reads: prod_logs of one day; allocation (stratum, stratum_size, stratum_wanted, stratum_sampled). A value that is no
--   stratum there belongs to `(other)`.
WITH valued AS (  -- ids alone: the wide columns are fetched for the chosen few
    SELECT
        log_id,
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

keyed AS (
    SELECT
        valued.log_id,
        COALESCE(allocation.stratum, '(other)') AS stratum,
        SHA256($salt || '|' || $feature || '|' || CAST(CAST($day AS DATE) AS VARCHAR) || '|' || valued.log_id) AS key
    FROM valued
    LEFT JOIN allocation ON allocation.stratum = valued.value
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
        allocation.stratum_wanted,
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
    chosen.stratum_wanted,
    chosen.stratum_sampled,
    chosen.stratum_sampled / chosen.stratum_size AS inclusion_probability,
    chosen.stratum_size / chosen.stratum_sampled AS weight,
    items.*
FROM items
JOIN chosen USING (log_id)
