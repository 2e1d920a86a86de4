-- How often a vote differed from the verdict that it repeats.
-- Grain: one criterion under one ruler, by how its votes were chosen. Key: ruler_id, chosen_by.
-- Reads: judge_votes of one feature.
SELECT
    criterion,
    ruler_id,
    chosen_by,
    COUNT(*) AS votes,
    COUNT(*) FILTER (WHERE level IS DISTINCT FROM first_level) AS flips,
    COUNT(*) FILTER (WHERE level IS DISTINCT FROM first_level) / COUNT(*) AS flip_rate,
    AVG(ABS(level - first_level)) AS mean_distance
FROM judge_votes
WHERE status IN ('scored', 'not_applicable')
GROUP BY criterion, ruler_id, chosen_by
