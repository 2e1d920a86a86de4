-- Grain: one change of stage.
-- Key: feature, from_day.
-- Layer: record.
-- Files: feature.
CREATE TABLE stage_history (
    feature  VARCHAR,
    stage    VARCHAR,
    from_day DATE,
    actor    VARCHAR,
    reason   VARCHAR
);

COMMENT ON TABLE stage_history IS 'When each stage of a ramp began.';
COMMENT ON COLUMN stage_history.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN stage_history.stage IS 'The stage.';
COMMENT ON COLUMN stage_history.from_day IS 'Its first day.';
COMMENT ON COLUMN stage_history.actor IS 'Who changed it.';
COMMENT ON COLUMN stage_history.reason IS 'Why.';
