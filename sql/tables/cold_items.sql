-- Grain: one item of a cold eval.
-- Key: feature, baseline_id, item_id.
-- Layer: cold eval.
-- Files: feature, baseline_id.
-- Written: once.
-- Text: input, output, sources.
CREATE TABLE cold_items (
    feature     VARCHAR,
    baseline_id VARCHAR,
    item_id     VARCHAR,
    category    VARCHAR,
    input       VARCHAR,
    output      VARCHAR,
    sources     STRUCT(id VARCHAR, title VARCHAR, "text" VARCHAR)[]
);

COMMENT ON TABLE cold_items IS 'The cold evals there have been, item by item.';
COMMENT ON COLUMN cold_items.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN cold_items.baseline_id IS 'Hash of the cold eval''s items.';
COMMENT ON COLUMN cold_items.item_id IS 'The item''s id.';
COMMENT ON COLUMN cold_items.category IS 'Category; `uncategorized` where it has none.';
COMMENT ON COLUMN cold_items.input IS 'What is asked.';
COMMENT ON COLUMN cold_items.output IS 'What the feature answered before launch.';
COMMENT ON COLUMN cold_items.sources IS 'What the output had to be grounded in.';
