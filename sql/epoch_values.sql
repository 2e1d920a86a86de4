-- The value of `epoch_on` that counts for a day: what at least 80 % of the day's population has, as the sample says.
-- Grain: one day with a sample. Key: day. The value is null where none has that share.
-- Parameters: $epoch_on (a column of sample). Reads: sample of one feature.
WITH shares AS (
    SELECT
        day,
        COALESCE(
            CASE $epoch_on
                WHEN 'category' THEN category
                WHEN 'cohort' THEN cohort
                WHEN 'locale' THEN locale
                WHEN 'model' THEN model
                WHEN 'prompt_version' THEN prompt_version
            END,
            '(none)'
        ) AS epoch_value,
        SUM(weight ORDER BY log_id) AS logs
    FROM sample
    GROUP BY 1, 2
)

SELECT
    day,
    CASE WHEN MAX(logs) >= 0.8 * SUM(logs ORDER BY epoch_value) THEN MAX_BY(epoch_value, logs) END AS epoch_value
FROM shares
GROUP BY day
ORDER BY day
