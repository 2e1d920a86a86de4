-- What became of each night: its counts, its overall score against the cold eval, its decision.
-- Grain: one day that is due. Key: feature, day.
-- Reads: gate_decisions, funnel, divergence.
WITH counted AS (
    SELECT
        feature,
        day,
        SUM(items) FILTER (WHERE stage = 'lines') AS lines,
        SUM(items) FILTER (WHERE stage = 'lines' AND status = 'prod_logs') AS logs,
        SUM(items) FILTER (WHERE stage = 'lines' AND status NOT IN ('prod_logs', 'other_day', 'blank')) AS rejected,
        SUM(items) FILTER (WHERE stage = 'logs' AND status = 'sampled') AS sampled,
        SUM(items) FILTER (WHERE stage = 'sample' AND status = 'scored') AS scored,
        SUM(items) FILTER (WHERE stage = 'sample' AND status = 'failed') AS failed
    FROM funnel
    GROUP BY feature, day
),

scores AS (
    SELECT
        feature,
        day,
        MAX(prod_mean) FILTER (WHERE "window" = 'night') AS night_mean,
        MAX(prod_mean) FILTER (WHERE "window" = 'epoch') AS epoch_mean,
        MAX(baseline_mean) AS baseline_mean,
        MAX(relative_difference) FILTER (WHERE "window" = 'epoch') AS epoch_difference
    FROM divergence
    WHERE slice_kind = 'overall' AND criterion = 'overall'
    GROUP BY feature, day
)

SELECT
    decided.feature,
    decided.day,
    decided.from_stage AS stage,
    counted.lines,
    counted.logs,
    counted.rejected,
    counted.sampled,
    counted.scored,
    counted.failed,
    scores.night_mean,
    scores.epoch_mean,
    scores.baseline_mean,
    scores.epoch_difference,
    decided.verdict,
    decided.nights,
    decided.min_nights,
    decided.decision,
    decided.to_stage,
    decided.reason_codes,
    decided.explanation,
    decided.restated
FROM gate_decisions AS decided
LEFT JOIN counted USING (feature, day)
LEFT JOIN scores USING (feature, day)
ORDER BY decided.feature, decided.day
