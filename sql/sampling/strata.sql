-- The strata of a day's population.
-- Grain: one stratum. Key: stratum.
-- Parameters: $n (how many logs are judged), $floor (the fewest of a stratum).
-- Reads: population (population.sql).
--
-- A stratum is named by the value that its logs have in common.
--
-- Small values are merged, not dropped: where not all logs are judged, those with fewer logs than the floor are one
-- stratum, `(other)`, once there are two of them. None of them could fill its floor; together they can, and have a
-- spread that can be measured. A rule on size alone leaves the strata as they are when n changes, and so keeps samples
-- nested. What was merged is still told apart by the sample's own columns. Should there be more strata than n even
-- then (free text in place of a category, say), the n - 1 largest stay, so that each stratum can have a unit.
WITH sized AS (
    SELECT
        value,
        COUNT(*) AS logs
    FROM population
    GROUP BY value
),

placed AS (
    SELECT
        value,
        logs,
        ROW_NUMBER() OVER (ORDER BY logs DESC, value) AS place,
        COUNT(*) OVER () AS value_count,
        SUM(logs) OVER () AS population_size,
        SUM(CASE WHEN logs >= $floor THEN 1 ELSE 0 END) OVER () AS large
    FROM sized
),

merged AS (  -- the largest `own_strata` values are strata of their own: the small ones have the last places
    SELECT
        value,
        logs,
        place,
        value_count,
        CASE WHEN population_size > $n AND value_count - large >= 2 THEN large ELSE value_count END AS own_strata
    FROM placed
),

limited AS (
    SELECT
        value,
        logs,
        place,
        CASE
            WHEN own_strata > $n OR (own_strata = $n AND own_strata < value_count) THEN $n - 1
            ELSE own_strata
        END AS own_strata
    FROM merged
)

SELECT
    CASE WHEN place <= own_strata THEN value ELSE '(other)' END AS stratum,
    CAST(SUM(logs) AS BIGINT) AS stratum_size
FROM limited
GROUP BY 1
ORDER BY 1
