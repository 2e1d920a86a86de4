-- Grain: one day that has any table.
-- Key: feature, day.
-- Layer: history.
-- Files: feature.
CREATE TABLE nights (
    feature       VARCHAR,
    day           DATE,
    state         VARCHAR,
    stage         VARCHAR,
    sampled       BIGINT,
    failed        BIGINT,
    scored        BIGINT,
    rubric_id     VARCHAR,
    baseline_id   VARCHAR,
    epoch_value   VARCHAR,
    common_values MAP(VARCHAR, VARCHAR),
    locales       VARCHAR[],
    models        VARCHAR[],
    judged_by     STRUCT(ruler_id VARCHAR, made_on DATE)[],
    votes         STRUCT(
        criterion VARCHAR,
        ruler_id VARCHAR,
        chosen_by VARCHAR,
        votes BIGINT,
        flips BIGINT,
        distance BIGINT,
        distances BIGINT
    )[],
    measured      VARCHAR[],
    made_of       VARCHAR
);

COMMENT ON TABLE nights IS 'What is known of each day as a whole: what became of it, and what must stay the same for nights to be pooled.';
COMMENT ON COLUMN nights.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN nights.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN nights.state IS '`complete` or `incomplete`, as in night_summary.';
COMMENT ON COLUMN nights.stage IS 'The ramp''s stage on the day, as stage_history has it.';
COMMENT ON COLUMN nights.sampled IS 'Sampled logs of the day.';
COMMENT ON COLUMN nights.failed IS 'Those of them on which a judgment failed.';
COMMENT ON COLUMN nights.scored IS 'Those of them with an overall score.';
COMMENT ON COLUMN nights.rubric_id IS 'The rulers and weights; null where nothing was judged.';
COMMENT ON COLUMN nights.baseline_id IS 'The cold eval that stood for the day; null when the feature had none.';
COMMENT ON COLUMN nights.epoch_value IS 'The value of `epoch_on` that at least 80 % of the day''s population has; where none has, that of the day before.';
COMMENT ON COLUMN nights.common_values IS 'Of each column that `epoch_on` may name, the value that at least 80 % of the day''s population has.';
COMMENT ON COLUMN nights.locales IS 'Locales of the judged logs.';
COMMENT ON COLUMN nights.models IS 'Models of the judged logs.';
COMMENT ON COLUMN nights.judged_by IS 'The rulers that judged the day, and the dates (UTC) on which their verdicts were made.';
COMMENT ON COLUMN nights.votes IS 'Votes of the day, by criterion, ruler and how they were chosen: how many were answered, how many differ, and the sum and number of distances between levels.';
COMMENT ON COLUMN nights.measured IS 'The signals of the whole feature that have a value.';
COMMENT ON COLUMN nights.made_of IS 'Which files of the day it was made of: when they are others, it is made again.';
