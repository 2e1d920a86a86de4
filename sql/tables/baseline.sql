-- Grain: one slice of one criterion of a cold eval under a rubric.
-- Key: feature, baseline_id, rubric_id, slice_kind, slice, criterion.
-- Layer: cold eval.
-- Files: feature, baseline_id, rubric_id.
CREATE TABLE baseline (
    feature        VARCHAR,
    baseline_id    VARCHAR,
    rubric_id      VARCHAR,
    slice_kind     VARCHAR,
    slice          VARCHAR,
    criterion      VARCHAR,
    mean           DOUBLE,
    standard_error DOUBLE,
    items          BIGINT
);

COMMENT ON TABLE baseline IS 'What the cold eval scores: the reference of every comparison.';
COMMENT ON COLUMN baseline.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN baseline.baseline_id IS 'Hash of the cold eval''s items.';
COMMENT ON COLUMN baseline.rubric_id IS 'The rulers and weights.';
COMMENT ON COLUMN baseline.slice_kind IS '`overall` or `category`.';
COMMENT ON COLUMN baseline.slice IS 'The category, or `all`.';
COMMENT ON COLUMN baseline.criterion IS 'A criterion, or `overall` for the weighted score.';
COMMENT ON COLUMN baseline.mean IS 'Mean score, 0 to 1.';
COMMENT ON COLUMN baseline.standard_error IS 'Its standard error; null with fewer than 2 items.';
COMMENT ON COLUMN baseline.items IS 'Items with a score.';
