-- A day's signals against what they are compared with.
-- Grain: one signal of one cohort. Key: cohort, signal. The cohort `all` is the whole feature.
-- Parameters: $signals, $reference_values, $bands, $against, $by_stage, $harmful: lists, with a place for each signal.
-- Reads: `measurements`, the signals of sql/signals/ over the day's prod_logs (one scan for all of them).
--
-- Of a forecast, `band` is how far from it is healthy, relative to it; a limit is itself the highest or lowest healthy
-- value. A share over its limit is unhealthy when the whole 99 % Wilson interval is over it too, and inconclusive
-- otherwise. A value outside its band on the harmless side (cheaper, faster) is `unexpected`: the reference no longer
-- fits. A forecast for each stage is one of the whole feature: a cohort has none of its own, and is informational.
WITH yardsticks AS (
    SELECT
        UNNEST(CAST($signals AS VARCHAR[])) AS signal,
        UNNEST(CAST($reference_values AS DOUBLE[])) AS reference,
        UNNEST(CAST($bands AS DOUBLE[])) AS band,
        UNNEST(CAST($against AS VARCHAR[])) AS against,
        UNNEST(CAST($by_stage AS BOOLEAN[])) AS by_stage,
        UNNEST(CAST($harmful AS VARCHAR[])) AS harmful
),

compared AS (
    SELECT
        measurements.cohort,
        measurements.signal,
        COALESCE(measurements.observations, measurements.trials) AS observations,
        CASE
            WHEN measurements.trials IS NOT NULL THEN measurements.hits / NULLIF(measurements.trials, 0)
            -- what is no number measures nothing (NaN is greater than all others)
            WHEN ABS(measurements.value) < CAST('Infinity' AS DOUBLE) THEN measurements.value
        END AS value,
        measurements.hits,
        measurements.trials,
        CASE
            WHEN measurements.whole OR NOT yardsticks.by_stage THEN yardsticks.reference
        END AS reference,
        yardsticks.band,
        yardsticks.against,
        yardsticks.harmful
    FROM measurements
    INNER JOIN yardsticks ON yardsticks.signal = measurements.signal
),

with_bands AS (
    SELECT
        *,
        CASE
            WHEN against = 'forecast' THEN reference * (1 - band)
            WHEN against = 'limit' AND harmful = 'below' THEN reference
        END AS band_low,
        CASE
            WHEN against = 'forecast' THEN reference * (1 + band)
            WHEN against = 'limit' AND harmful = 'above' THEN reference
        END AS band_high,
        -- Wilson (1927); 2.5758 is the 99.5 % quantile of the normal distribution, and 6.6349 its square
        COALESCE((
            hits + 6.6349 / 2
            - 2.5758 * SQRT(hits * (trials - hits) / NULLIF(trials, 0) + 6.6349 / 4)
        ) / (trials + 6.6349), value) AS lowest,
        COALESCE((
            hits + 6.6349 / 2
            + 2.5758 * SQRT(hits * (trials - hits) / NULLIF(trials, 0) + 6.6349 / 4)
        ) / (trials + 6.6349), value) AS highest
    FROM compared
)

SELECT
    cohort,
    signal,
    value,
    reference,
    band_low,
    band_high,
    CASE
        WHEN value IS NULL THEN 'missing'
        WHEN reference IS NULL THEN 'informational'
        WHEN COALESCE(value >= band_low, TRUE) AND COALESCE(value <= band_high, TRUE) THEN 'healthy'
        WHEN harmful = 'above' AND lowest > band_high THEN 'unhealthy'
        WHEN harmful = 'below' AND highest < band_low THEN 'unhealthy'
        WHEN lowest > band_high OR highest < band_low THEN 'unexpected'
        ELSE 'inconclusive'
    END AS status,
    observations
FROM with_bands
