-- What the budget allowed on the last night that has a sample, and what judging has cost in all.
-- Grain: one row. Reads: sample, judge_costs of one feature.
-- Parameters: $until.
WITH last_night AS (
    SELECT MAX(day) AS day
    FROM sample
    WHERE day <= $until
),

strata AS (
    SELECT DISTINCT
        sample.stratum,
        sample.stratum_wanted,
        sample.stratum_sampled
    FROM sample
    JOIN last_night ON last_night.day = sample.day
)

SELECT
    COALESCE(SUM(stratum_wanted), 0) AS wanted,
    COALESCE(SUM(stratum_sampled), 0) AS sampled,
    (SELECT MAX(running_total_usd) FROM judge_costs) AS total_usd
FROM strata
