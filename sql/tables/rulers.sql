-- Grain: one ruler.
-- Key: ruler_id.
-- Layer: record.
-- Files: ruler_id.
-- Written: once.
CREATE TABLE rulers (
    ruler_id    VARCHAR,
    criterion   VARCHAR,
    judge       VARCHAR,
    judge_model VARCHAR,
    parameters  VARCHAR,
    prompt      VARCHAR
);

COMMENT ON TABLE rulers IS 'How verdicts were made: the full text behind each ruler_id.';
COMMENT ON COLUMN rulers.ruler_id IS 'Hash of everything below.';
COMMENT ON COLUMN rulers.criterion IS 'The criterion.';
COMMENT ON COLUMN rulers.judge IS '`offline`: transparent rules, no model.';
COMMENT ON COLUMN rulers.judge_model IS 'The judge''s name and version.';
COMMENT ON COLUMN rulers.parameters IS 'Parameters, as JSON.';
COMMENT ON COLUMN rulers.prompt IS 'All that is sent around an item, in full: the system prompt, the template of the item, the schema of the answer.';
