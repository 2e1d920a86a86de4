-- Grain: one criterion of one slice on a day.
-- Key: feature, day, slice_kind, slice, criterion.
-- Layer: day.
-- Files: feature, day.
-- Published: recent days.
CREATE TABLE night_summary (
    feature            VARCHAR,
    day                DATE,
    slice_kind         VARCHAR,
    slice              VARCHAR,
    criterion          VARCHAR,
    mean               DOUBLE,
    variance           DOUBLE,
    items              BIGINT,
    degrees_of_freedom BIGINT,
    least_mean         DOUBLE,
    least_variance     DOUBLE,
    greatest_mean      DOUBLE,
    greatest_variance  DOUBLE,
    missing_share      DOUBLE,
    logs               DOUBLE,
    points             DOUBLE,
    state              VARCHAR,
    sampled            BIGINT,
    failed             BIGINT,
    rubric_id          VARCHAR,
    inputs_digest      VARCHAR,
    made_of            VARCHAR
);

COMMENT ON TABLE night_summary IS 'What a night says, summed up once: of every slice and criterion all that pooling nights needs.';
COMMENT ON COLUMN night_summary.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN night_summary.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN night_summary.slice_kind IS '`overall`, `category`, `cohort`, `locale` or `model`.';
COMMENT ON COLUMN night_summary.slice IS 'The slice''s value, or `all`.';
COMMENT ON COLUMN night_summary.criterion IS 'A criterion, or `overall` for the weighted score. Every day has the row of `overall`, `all`, `overall`.';
COMMENT ON COLUMN night_summary.mean IS 'Stratified mean score of the items with a score, 0 to 1; null without any.';
COMMENT ON COLUMN night_summary.variance IS 'Variance of that mean; null with fewer than 2 sampling units.';
COMMENT ON COLUMN night_summary.items IS 'Items with a score.';
COMMENT ON COLUMN night_summary.degrees_of_freedom IS 'Degrees of freedom of the variance: sampling units less strata.';
COMMENT ON COLUMN night_summary.least_mean IS 'The mean if items on which a judgment failed had scored as low as they could.';
COMMENT ON COLUMN night_summary.least_variance IS 'Variance of that mean.';
COMMENT ON COLUMN night_summary.greatest_mean IS 'The mean if they had scored as high as they could.';
COMMENT ON COLUMN night_summary.greatest_variance IS 'Variance of that mean.';
COMMENT ON COLUMN night_summary.missing_share IS 'Share of the items, by weight, on which a judgment failed.';
COMMENT ON COLUMN night_summary.logs IS 'Logs that the items with a score stand for: the sum of their weights.';
COMMENT ON COLUMN night_summary.points IS 'The sum of weight times score over them.';
COMMENT ON COLUMN night_summary.state IS '`complete`: every sampled log has a judgment on every criterion, none pending; else `incomplete`, and then the day has one row without numbers.';
COMMENT ON COLUMN night_summary.sampled IS 'Sampled logs of the day.';
COMMENT ON COLUMN night_summary.failed IS 'Those of them on which a judgment failed.';
COMMENT ON COLUMN night_summary.rubric_id IS 'The rulers and weights; null where nothing was judged.';
COMMENT ON COLUMN night_summary.inputs_digest IS 'Hash of the verdicts and the design that the day rests on.';
COMMENT ON COLUMN night_summary.made_of IS 'Which files of the day it was made of: when they are others, it is made again.';
