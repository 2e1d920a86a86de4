-- What did a day cost, by which model, at which hour?
-- Answer: dollars, logs and cents a log for each model and hour (UTC) of each day, from the full log, not the sample.
-- An hour whose cents a log jump while its logs do not has moved to a dearer model or to longer prompts.
SELECT
    feature,
    day,
    EXTRACT(HOUR FROM ts AT TIME ZONE 'UTC') AS hour_utc,
    model,
    COUNT(*) AS logs,
    ROUND(SUM(cost_usd), 2) AS usd,
    ROUND(100 * AVG(cost_usd), 4) AS cents_a_log,
    ROUND(QUANTILE_CONT(latency_ms, 0.95)) AS p95_latency_ms
FROM prod_logs
GROUP BY
    feature,
    day,
    hour_utc,
    model
ORDER BY
    feature,
    day DESC,
    hour_utc,
    model
