-- What became of every line, log, sampled item and verdict of a day?
-- Answer: the share of each fate within its stage. `malformed` or `missing_id` that begin on one day point at a change
-- of the logger; `failed` in the sample means that scores rest on fewer items than were drawn.
SELECT
    feature,
    day,
    stage,
    status,
    items,
    ROUND(100.0 * items / SUM(items) OVER (PARTITION BY feature, day, stage), 2) AS percent_of_stage
FROM funnel
ORDER BY
    feature,
    day DESC,
    stage,
    items DESC,
    status
