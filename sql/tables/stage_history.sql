-- Grain: one change of stage.
-- Key: feature, entry.
-- Layer: record.
-- Files: feature, entry.
-- Written: once.
CREATE TABLE stage_history (
    feature     VARCHAR,
    entry       INTEGER,
    stage       VARCHAR,
    from_day    DATE,
    actor       VARCHAR,
    reason      VARCHAR,
    recorded_at TIMESTAMPTZ,
    decision_id VARCHAR
);

COMMENT ON TABLE stage_history IS 'The record of a ramp''s stages, append-only: which began when, by whom and why. Of a day, the change with the last from_day up to it counts; of one from_day, the last entry.';
COMMENT ON COLUMN stage_history.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN stage_history.entry IS 'Its number in the feature''s record, from 1.';
COMMENT ON COLUMN stage_history.stage IS 'The stage.';
COMMENT ON COLUMN stage_history.from_day IS 'Its first day.';
COMMENT ON COLUMN stage_history.actor IS 'Who changed it; `feature file` for a line of ramp.history.';
COMMENT ON COLUMN stage_history.reason IS 'Why.';
COMMENT ON COLUMN stage_history.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN stage_history.decision_id IS 'The decision that led to it (see gate_log); null when none did.';
