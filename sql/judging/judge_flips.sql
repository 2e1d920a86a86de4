-- How often a vote differed from the verdict that it repeats.
-- Grain: one criterion under one ruler, by how its votes were chosen. Key: ruler_id, chosen_by.
-- Reads: nights of one feature.
WITH votes AS (
    SELECT UNNEST(votes, recursive := TRUE)
    FROM nights
)

SELECT
    criterion,
    ruler_id,
    chosen_by,
    SUM(votes) AS votes,
    SUM(flips) AS flips,
    SUM(flips) / SUM(votes) AS flip_rate,
    SUM(distance) / NULLIF(SUM(distances), 0) AS mean_distance
FROM votes
GROUP BY criterion, ruler_id, chosen_by
