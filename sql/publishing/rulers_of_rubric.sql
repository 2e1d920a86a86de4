-- The rulers of a rubric, and who judges by them.
-- Grain: one criterion. Key: criterion.
-- Parameters: $rubric_id. Reads: rubrics of one feature, rulers.
SELECT
    rubrics.criterion,
    rubrics.ruler_id,
    rubrics.weight,
    rulers.judge,
    rulers.judge_model
FROM rubrics
LEFT JOIN rulers USING (ruler_id)
WHERE rubrics.rubric_id = $rubric_id
ORDER BY rubrics.criterion
