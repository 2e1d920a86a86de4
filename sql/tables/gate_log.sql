-- Grain: one decision as it was issued.
-- Key: feature, decision_id.
-- Layer: record.
-- Files: feature, day, decision_id.
-- Written: once.
CREATE TABLE gate_log (
    feature              VARCHAR,
    decision_id          VARCHAR,
    previous_decision_id VARCHAR,
    day                  DATE,
    decision             VARCHAR,
    reason_codes         VARCHAR[],
    from_stage           VARCHAR,
    to_stage             VARCHAR,
    policy_hash          VARCHAR,
    evidence_digest      VARCHAR,
    issued_at            TIMESTAMPTZ,
    expires_at           TIMESTAMPTZ,
    code_version         VARCHAR
);

COMMENT ON TABLE gate_log IS 'Decisions as they were issued at the time, append-only; each names the one before it.';
COMMENT ON COLUMN gate_log.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN gate_log.decision_id IS 'Hash of the decision, its evidence and the one before it.';
COMMENT ON COLUMN gate_log.previous_decision_id IS 'The decision issued before; null for the first.';
COMMENT ON COLUMN gate_log.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN gate_log.decision IS '`advance`, `hold` or `roll_back`.';
COMMENT ON COLUMN gate_log.reason_codes IS 'Why, from a closed set.';
COMMENT ON COLUMN gate_log.from_stage IS 'The stage of the day.';
COMMENT ON COLUMN gate_log.to_stage IS 'Where the decision leads.';
COMMENT ON COLUMN gate_log.policy_hash IS 'Hash of the stages, bands and rules.';
COMMENT ON COLUMN gate_log.evidence_digest IS 'Hash of the rows that decided.';
COMMENT ON COLUMN gate_log.issued_at IS 'When it was issued.';
COMMENT ON COLUMN gate_log.expires_at IS 'When it stops standing.';
COMMENT ON COLUMN gate_log.code_version IS 'The version of the code that decided.';
