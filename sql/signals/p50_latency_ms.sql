-- Title: Median latency.
-- Measures: the median time to an answer, in milliseconds.
-- Unit: ms.
-- Uncertainty: none.
-- Reference: forecast.p50_ms (median latency before launch, in milliseconds).
-- Band: latency 0.10 (relative to the latency before launch).
-- Harmful: above.
SELECT
    QUANTILE_CONT(latency_ms, 0.5) FILTER (WHERE latency_ms >= 0 AND latency_ms < CAST('Infinity' AS DOUBLE)) AS value,
    COUNT(*) FILTER (WHERE latency_ms >= 0 AND latency_ms < CAST('Infinity' AS DOUBLE)) AS observations
FROM prod_logs
