-- The sampled logs: of each stratum the stratum_sampled ones with the smallest keys, a simple random sample without
-- replacement that is the same on every run and engine, and holds every smaller sample. A log that comes late enters
-- only if its key is below the last one taken; the others stay, but for the one that it displaces.
-- Grain: one sampled log. Key: log_id.
-- Parameters: $feature, $day, $salt, which makes another sample; $most, the largest stratum_sampled.
-- Reads: prod_logs of one day; population (population.sql); allocation (stratum, stratum_size, stratum_wanted,
--   stratum_sampled). A value that is no stratum there belongs to `(other)`.
WITH keyed AS (  -- ids alone: the wide columns are fetched for the chosen few
    SELECT
        population.log_id,
        COALESCE(allocation.stratum, '(other)') AS stratum,
        SHA256(
            $salt || '|' || $feature || '|' || CAST(CAST($day AS DATE) AS VARCHAR) || '|' || population.log_id
        ) AS key
    FROM population
    LEFT JOIN allocation ON allocation.stratum = population.value
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
