-- Grain: what one category, or all, contributes to one criterion's difference in one window that ends on a day.
-- Key: feature, day, window, criterion, slice_kind, slice.
-- Layer: history.
-- Files: feature, month.
CREATE TABLE mix_shift (
    feature            VARCHAR,
    day                DATE,
    "window"           VARCHAR,
    criterion          VARCHAR,
    slice_kind         VARCHAR,
    slice              VARCHAR,
    prod_share         DOUBLE,
    baseline_share     DOUBLE,
    prod_mean          DOUBLE,
    baseline_mean      DOUBLE,
    composition        DOUBLE,
    quality            DOUBLE,
    only_in_production DOUBLE,
    only_in_baseline   DOUBLE,
    total              DOUBLE,
    epoch_start        DATE,
    rubric_id          VARCHAR,
    baseline_id        VARCHAR
);

COMMENT ON TABLE mix_shift IS 'Why production differs from the cold eval: another mix of categories, or other scores within them.';
COMMENT ON COLUMN mix_shift.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN mix_shift.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN mix_shift."window" IS '`night`, or `epoch`: all nights from the epoch''s first to this one.';
COMMENT ON COLUMN mix_shift.criterion IS 'A criterion, or `overall` for the weighted score.';
COMMENT ON COLUMN mix_shift.slice_kind IS '`overall` for the sums, `category` for what each contributes.';
COMMENT ON COLUMN mix_shift.slice IS 'The category, or `all`.';
COMMENT ON COLUMN mix_shift.prod_share IS 'Share of production in the category, of logs that have a score.';
COMMENT ON COLUMN mix_shift.baseline_share IS 'Share of the cold eval in the category, of items that have a score.';
COMMENT ON COLUMN mix_shift.prod_mean IS 'Mean score of production, 0 to 1; null where it has none of the category.';
COMMENT ON COLUMN mix_shift.baseline_mean IS 'Mean score of the cold eval; null where it has none of the category.';
COMMENT ON COLUMN mix_shift.composition IS 'From other shares of the categories that both have.';
COMMENT ON COLUMN mix_shift.quality IS 'From other scores in the categories that both have.';
COMMENT ON COLUMN mix_shift.only_in_production IS 'From categories that the cold eval has not.';
COMMENT ON COLUMN mix_shift.only_in_baseline IS 'From categories that production has not.';
COMMENT ON COLUMN mix_shift.total IS 'The four together; overall it is prod_mean - baseline_mean. Null without a common category.';
COMMENT ON COLUMN mix_shift.epoch_start IS 'First night of the epoch.';
COMMENT ON COLUMN mix_shift.rubric_id IS 'The rulers and weights.';
COMMENT ON COLUMN mix_shift.baseline_id IS 'The cold eval.';
