-- nights: what is known of each day as a whole.
-- Grain: one day that has any table. Key: day.
-- Parameters: $epoch_on (the name of a column of the sample).
-- Reads: listed_days (day, made_of, stage, baseline_id, changed), nights as it was before; of the changed days
--   night_facts and night_summary.
--
-- A day on which no value prevails keeps that of the day before: a day of transition so stays in the epoch that it
-- ends, and a share that lies about the limit, now above and now below it, does not begin an epoch every night.
WITH read_again AS (
    SELECT
        night_summary.day,
        night_summary.state,
        night_summary.sampled,
        night_summary.failed,
        night_summary.items AS scored,
        night_summary.rubric_id,
        night_facts.common_values,
        night_facts.locales,
        night_facts.models,
        night_facts.judged_by,
        night_facts.votes,
        night_facts.measured
    FROM night_summary
    LEFT JOIN night_facts USING (day)
    WHERE
        night_summary.slice_kind = 'overall'
        AND night_summary.slice = 'all'
        AND night_summary.criterion = 'overall'
),

unchanged AS (
    SELECT
        day,
        state,
        sampled,
        failed,
        scored,
        rubric_id,
        common_values,
        locales,
        models,
        judged_by,
        votes,
        measured
    FROM nights
    SEMI JOIN listed_days ON listed_days.day = nights.day AND NOT listed_days.changed
),

all_days AS (
    SELECT * FROM read_again
    UNION ALL
    SELECT * FROM unchanged
)

SELECT
    all_days.*,
    listed_days.stage,
    listed_days.baseline_id,
    listed_days.made_of,
    LAST_VALUE(all_days.common_values[$epoch_on] IGNORE NULLS) OVER (
        ORDER BY all_days.day
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS epoch_value
FROM all_days
JOIN listed_days USING (day)
ORDER BY all_days.day
