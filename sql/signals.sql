-- What a day's full log says without sampling: cost, latency, errors, feedback, volume.
-- Grain: one signal of one cohort. Key: cohort, signal. The cohort `all` is the whole feature.
-- Parameters: $daily_cost_usd, $p50_ms, $p95_ms (references; null for none); $cost_band, $latency_band (relative);
--   $error_limit, $thumbs_down_limit, $regenerated_limit (highest healthy rates).
-- Reads: prod_logs of one day.
--
-- Rates are shares of all the day's logs; one that no log records is missing. A rate over its limit is unhealthy when
-- the low end of its 99 % Wilson interval is over it too, and inconclusive otherwise. A value outside its band on the
-- harmless side (cheaper, faster) is `unexpected`: the reference no longer fits. A cohort has no forecast of its own,
-- so its cost and its volume are informational.
WITH logs AS (
    SELECT
        CASE cohort WHEN 'all' THEN 'all (cohort)' ELSE COALESCE(cohort, '(none)') END AS cohort,
        -- added up as decimals: a sum of doubles depends on the order in which threads come to it
        CAST(CASE WHEN cost_usd >= 0 AND cost_usd < 1e12 THEN cost_usd END AS DECIMAL(38, 12)) AS cost_usd,
        -- no number, an infinite and a negative one measure nothing (NaN is greater than all others)
        CASE WHEN latency_ms >= 0 AND latency_ms < CAST('Infinity' AS DOUBLE) THEN latency_ms END AS latency_ms,
        error,
        feedback,
        regenerated
    FROM prod_logs
),

measured AS (
    SELECT
        CASE GROUPING(cohort) WHEN 1 THEN 'all' ELSE cohort END AS cohort,
        GROUPING(cohort) = 1 AS whole,
        COUNT(*) AS logs,
        COUNT(cost_usd) AS costed,
        CAST(SUM(cost_usd) AS DOUBLE) AS cost,
        COUNT(latency_ms) AS timed,
        QUANTILE_CONT(latency_ms, 0.5) AS p50,
        QUANTILE_CONT(latency_ms, 0.95) AS p95,
        COUNT(error) AS errors,
        COUNT(feedback) AS voted,
        COUNT(*) FILTER (WHERE feedback = 'down') AS downs,
        COUNT(regenerated) AS offered,
        COUNT(*) FILTER (WHERE regenerated) AS again
    FROM logs
    GROUP BY GROUPING SETS ((), (cohort))
),

levels AS (
    SELECT
        cohort,
        'daily_cost_usd' AS signal,
        cost AS value,
        CASE WHEN whole THEN CAST($daily_cost_usd AS DOUBLE) END AS reference,
        CAST($cost_band AS DOUBLE) AS band,
        costed AS observations
    FROM measured
    UNION ALL
    SELECT
        cohort,
        'p50_latency_ms',
        p50,
        CAST($p50_ms AS DOUBLE),
        CAST($latency_band AS DOUBLE),
        timed
    FROM measured
    UNION ALL
    SELECT
        cohort,
        'p95_latency_ms',
        p95,
        CAST($p95_ms AS DOUBLE),
        CAST($latency_band AS DOUBLE),
        timed
    FROM measured
    UNION ALL
    SELECT
        cohort,
        'logs',
        logs,
        NULL,
        NULL,
        logs
    FROM measured
),

rates AS (
    SELECT
        cohort,
        'error_rate' AS signal,
        errors AS hits,
        logs AS trials,
        CAST($error_limit AS DOUBLE) AS upper_limit
    FROM measured
    UNION ALL
    SELECT
        cohort,
        'thumbs_down_rate',
        downs,
        CASE WHEN voted > 0 THEN logs ELSE 0 END,
        CAST($thumbs_down_limit AS DOUBLE)
    FROM measured
    UNION ALL
    SELECT
        cohort,
        'regenerated_rate',
        again,
        CASE WHEN offered > 0 THEN logs ELSE 0 END,
        CAST($regenerated_limit AS DOUBLE)
    FROM measured
),

rates_with_bound AS (
    SELECT
        *,
        hits / NULLIF(trials, 0) AS value,
        -- Wilson (1927), lower end; 2.5758 is the 99.5 % quantile of the normal distribution, and 6.6349 its square
        (
            hits + 6.6349 / 2
            - 2.5758 * SQRT(hits * (trials - hits) / NULLIF(trials, 0) + 6.6349 / 4)
        ) / (trials + 6.6349) AS lower_bound
    FROM rates
)

SELECT
    cohort,
    signal,
    value,
    reference,
    reference * (1 - band) AS band_low,
    reference * (1 + band) AS band_high,
    CASE
        WHEN signal = 'logs' THEN 'informational'
        WHEN value IS NULL THEN 'missing'
        WHEN reference IS NULL THEN 'informational'
        WHEN value > reference * (1 + band) THEN 'unhealthy'
        WHEN value < reference * (1 - band) THEN 'unexpected'
        ELSE 'healthy'
    END AS status,
    observations
FROM levels
UNION ALL
SELECT
    cohort,
    signal,
    value,
    upper_limit,
    NULL,
    upper_limit,
    CASE
        WHEN value IS NULL THEN 'missing'
        WHEN value <= upper_limit THEN 'healthy'
        WHEN lower_bound > upper_limit THEN 'unhealthy'
        ELSE 'inconclusive'
    END,
    trials
FROM rates_with_bound
