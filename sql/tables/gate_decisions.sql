-- Grain: one day's decision.
-- Key: feature, day.
-- Layer: history.
-- Files: feature, month.
CREATE TABLE gate_decisions (
    feature         VARCHAR,
    day             DATE,
    decision        VARCHAR,
    reason_codes    VARCHAR[],
    explanation     VARCHAR,
    from_stage      VARCHAR,
    to_stage        VARCHAR,
    verdict         VARCHAR,
    nights          BIGINT,
    min_nights      BIGINT,
    window_start    DATE,
    window_end      DATE,
    judged          BIGINT,
    rubric_id       VARCHAR,
    baseline_id     VARCHAR,
    policy_hash     VARCHAR,
    evidence_digest VARCHAR,
    restated        BOOLEAN
);

COMMENT ON TABLE gate_decisions IS 'The decision of every day, recomputed from what is known now.';
COMMENT ON COLUMN gate_decisions.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN gate_decisions.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN gate_decisions.decision IS '`advance`, `hold` or `roll_back`.';
COMMENT ON COLUMN gate_decisions.reason_codes IS 'Why, from a closed set; the first decides.';
COMMENT ON COLUMN gate_decisions.explanation IS 'The same in a sentence or two.';
COMMENT ON COLUMN gate_decisions.from_stage IS 'The stage of the day.';
COMMENT ON COLUMN gate_decisions.to_stage IS 'The stage that the decision leads to: one up, one down, or the same when it holds; `off` when the first stage is rolled back.';
COMMENT ON COLUMN gate_decisions.verdict IS 'divergence''s verdict on the overall score of the epoch; null when the day has none.';
COMMENT ON COLUMN gate_decisions.nights IS 'Complete nights of the stage''s epoch.';
COMMENT ON COLUMN gate_decisions.min_nights IS 'Nights that the stage asks for.';
COMMENT ON COLUMN gate_decisions.window_start IS 'First night of the evidence.';
COMMENT ON COLUMN gate_decisions.window_end IS 'Last night of the evidence.';
COMMENT ON COLUMN gate_decisions.judged IS 'Items with an overall score in the window.';
COMMENT ON COLUMN gate_decisions.rubric_id IS 'The rulers and weights.';
COMMENT ON COLUMN gate_decisions.baseline_id IS 'The cold eval.';
COMMENT ON COLUMN gate_decisions.policy_hash IS 'Hash of the stages, bands and rules that decided.';
COMMENT ON COLUMN gate_decisions.evidence_digest IS 'Hash of the divergence and signal rows that decided.';
COMMENT ON COLUMN gate_decisions.restated IS 'A decision about the day was issued before, by the same policy, on other evidence: something that it rests on has changed since.';
