-- Every judged log of a day, with its place in the design, its slices and its scores.
-- Grain: one criterion of one sampled log. Key: log_id, criterion.
-- Reads: sample, item_scores (of production) of one day.
SELECT
    sample.log_id,
    sample.stratum,
    sample.weight,
    sample.user_id,
    sample.conversation_id,
    sample.category,
    COALESCE(sample.cohort, '(none)') AS cohort,
    sample.locale,
    sample.model,
    item_scores.rubric_id,
    item_scores.criterion,
    item_scores.score,
    item_scores.least,
    item_scores.greatest
FROM sample
JOIN item_scores ON item_scores.day = sample.day AND item_scores.item_id = sample.log_id
