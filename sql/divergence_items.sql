-- Every judged log of the complete days, with its place in the design, its slices and its scores.
-- Grain: one criterion of one sampled log. Key: day, log_id, criterion.
-- Reads: sample, item_scores (of production), day_states of one feature.
SELECT
    sample.day,
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
    item_scores.baseline_id,
    item_scores.criterion,
    item_scores.score,
    item_scores.least,
    item_scores.greatest
FROM sample
JOIN day_states ON day_states.day = sample.day AND day_states.state = 'complete'
JOIN item_scores ON item_scores.day = sample.day AND item_scores.item_id = sample.log_id
