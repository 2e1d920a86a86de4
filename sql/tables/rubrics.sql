-- Grain: one ruler in a rubric.
-- Key: feature, rubric_id, criterion.
-- Layer: record.
-- Files: feature, rubric_id.
-- Written: once.
CREATE TABLE rubrics (
    feature   VARCHAR,
    rubric_id VARCHAR,
    criterion VARCHAR,
    ruler_id  VARCHAR,
    weight    DOUBLE
);

COMMENT ON TABLE rubrics IS 'Which rulers, at which weights, make an overall score.';
COMMENT ON COLUMN rubrics.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN rubrics.rubric_id IS 'Hash of the rulers and weights.';
COMMENT ON COLUMN rubrics.criterion IS 'The criterion.';
COMMENT ON COLUMN rubrics.ruler_id IS 'Its ruler.';
COMMENT ON COLUMN rubrics.weight IS 'Its weight in the overall score.';
