-- Grain: one cold eval that came into force.
-- Key: feature, entry.
-- Layer: record.
-- Files: feature, entry.
-- Written: once.
CREATE TABLE cold_eval_history (
    feature     VARCHAR,
    entry       INTEGER,
    from_day    DATE,
    baseline_id VARCHAR,
    recorded_at TIMESTAMPTZ
);

COMMENT ON TABLE cold_eval_history IS 'The record of the cold evals that days are compared with, append-only. Of a day, the one with the last from_day up to it counts; of one from_day, the last entry.';
COMMENT ON COLUMN cold_eval_history.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN cold_eval_history.entry IS 'Its number in the feature''s record, from 1.';
COMMENT ON COLUMN cold_eval_history.from_day IS 'The first day that is compared with it.';
COMMENT ON COLUMN cold_eval_history.baseline_id IS 'The cold eval (see cold_items); null when the feature had none.';
COMMENT ON COLUMN cold_eval_history.recorded_at IS 'When it was recorded.';
