-- Title: 95th percentile of latency.
-- Measures: the time within which 95 of 100 answers are there, in milliseconds.
-- Unit: ms.
-- Uncertainty: none.
-- Reference: forecast.p95_ms (95th percentile of latency before launch, in milliseconds).
-- Band: as p50_latency_ms.
-- Harmful: above.
SELECT
    QUANTILE_CONT(latency_ms, 0.95) FILTER (WHERE latency_ms >= 0 AND latency_ms < CAST('Infinity' AS DOUBLE)) AS value,
    COUNT(*) FILTER (WHERE latency_ms >= 0 AND latency_ms < CAST('Infinity' AS DOUBLE)) AS observations
FROM prod_logs
