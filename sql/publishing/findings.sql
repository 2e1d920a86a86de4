-- What the nights found: slices below the cold eval, signals outside their band, lines that could not be used.
-- Grain: one slice and criterion, one signal of a cohort, or one reason for rejecting. Key: kind, what, criterion.
-- Reads: divergence, signals, rejected_logs of one feature.
WITH all_logs AS (
    SELECT DISTINCT criterion
    FROM divergence
    WHERE "window" = 'epoch' AND verdict = 'below' AND slice_kind = 'overall'
),

below AS (
    SELECT
        'below the cold eval' AS kind,
        CASE slice_kind WHEN 'overall' THEN 'all logs' ELSE slice_kind || ' ' || slice END AS what,
        criterion,
        MIN(day) AS first_day,
        MAX(day) AS last_day,
        COUNT(*) AS days,
        MIN_BY(relative_difference, relative_difference) AS worst,
        NULL AS reference
    FROM divergence
    WHERE
        "window" = 'epoch'
        AND verdict = 'below'
        -- where all logs are below on a criterion, each slice would only say it again
        AND (slice_kind = 'overall' OR criterion NOT IN (SELECT criterion FROM all_logs))
    GROUP BY slice_kind, slice, criterion
),

outside AS (
    SELECT
        'signal outside its band' AS kind,
        signal || CASE cohort WHEN 'all' THEN '' ELSE ', cohort ' || cohort END AS what,
        NULL AS criterion,
        MIN(day) AS first_day,
        MAX(day) AS last_day,
        COUNT(*) AS days,
        MAX(value) AS worst,
        MAX(band_high) AS reference
    FROM signals
    WHERE status = 'unhealthy'
    GROUP BY signal, cohort
),

rejected AS (
    SELECT
        'lines that could not be used' AS kind,
        reason AS what,
        NULL AS criterion,
        MIN(day) AS first_day,
        MAX(day) AS last_day,
        COUNT(DISTINCT day) AS days,
        COUNT(*) AS worst,
        NULL AS reference
    FROM rejected_logs
    GROUP BY reason
)

SELECT * FROM below
UNION ALL
SELECT * FROM outside
UNION ALL
SELECT * FROM rejected
ORDER BY kind, first_day, what, criterion
