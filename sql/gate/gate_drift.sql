-- The judge as it was when a day's verdicts were made: its newest reading on the anchors by then, for every ruler.
-- Grain: one date on which verdicts of a day were made, for one ruler. Key: day, ruler_id, made_on.
-- Parameters: $through (the last day). Reads: nights, judge_drift of one feature.
WITH made AS (
    SELECT
        day,
        UNNEST(judged_by, recursive := TRUE)
    FROM nights
    WHERE day <= CAST($through AS DATE)
),

read_by_then AS (
    SELECT
        made.day,
        made.made_on,
        judge_drift.*,
        ROW_NUMBER() OVER (
            PARTITION BY made.day, made.ruler_id, made.made_on
            ORDER BY judge_drift.judged_on DESC
        ) AS place
    FROM made
    JOIN judge_drift ON judge_drift.ruler_id = made.ruler_id AND judge_drift.judged_on <= made.made_on
)

SELECT
    day,
    judged_on,
    criterion,
    anchors,
    difference,
    ci_low,
    ci_high,
    status
FROM read_by_then
WHERE place = 1
ORDER BY
    day,
    judged_on,
    criterion
