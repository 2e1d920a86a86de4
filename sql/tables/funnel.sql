-- Grain: one status at one stage of a day.
-- Key: feature, day, stage, status.
-- Layer: day.
-- Files: feature, day.
CREATE TABLE funnel (
    feature VARCHAR,
    day     DATE,
    stage   VARCHAR,
    status  VARCHAR,
    items   BIGINT
);

COMMENT ON TABLE funnel IS 'Where every line, log, sampled item and verdict of a day ended. Each stage adds up to what enters it.';
COMMENT ON COLUMN funnel.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN funnel.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN funnel.stage IS '`lines`, `logs`, `sample` (sampled items by their overall fate) or `judgments` (item and criterion).';
COMMENT ON COLUMN funnel.status IS 'Where they ended: `prod_logs`, a rejection''s reason, `other_day`, `blank`, `left_out` (records without a log; a line with several counts once for each); `sampled`, `not_sampled`, `other_cohort` (not of the stage''s), `no_output` (nothing to judge); `scored`, `not_applicable`, `failed`, `pending`; a judgment''s status.';
COMMENT ON COLUMN funnel.items IS 'How many.';
