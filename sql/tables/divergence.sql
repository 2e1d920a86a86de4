-- Grain: one criterion of one slice in one window that ends on a day.
-- Key: feature, day, window, slice_kind, slice, criterion.
-- Layer: history.
-- Files: feature, month.
CREATE TABLE divergence (
    feature                 VARCHAR,
    day                     DATE,
    "window"                VARCHAR,
    slice_kind              VARCHAR,
    slice                   VARCHAR,
    criterion               VARCHAR,
    prod_mean               DOUBLE,
    prod_standard_error     DOUBLE,
    prod_low                DOUBLE,
    prod_high               DOUBLE,
    baseline_mean           DOUBLE,
    baseline_standard_error DOUBLE,
    difference              DOUBLE,
    relative_difference     DOUBLE,
    ci_low                  DOUBLE,
    ci_high                 DOUBLE,
    band                    DOUBLE,
    verdict                 VARCHAR,
    nights                  BIGINT,
    items                   BIGINT,
    minimum_detectable      DOUBLE,
    adjusted_p              DOUBLE,
    more_nights             BIGINT,
    missing_share           DOUBLE,
    bound_low               DOUBLE,
    bound_high              DOUBLE,
    standardised_difference DOUBLE,
    alarm                   BOOLEAN,
    alarm_nights            BIGINT,
    alarm_difference        DOUBLE,
    baseline_uncertainty    VARCHAR,
    stage                   VARCHAR,
    epoch_start             DATE,
    rubric_id               VARCHAR,
    baseline_id             VARCHAR,
    inputs_digest           VARCHAR
);

COMMENT ON TABLE divergence IS 'Production against the cold eval, night by night and pooled over the epoch.';
COMMENT ON COLUMN divergence.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN divergence.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN divergence."window" IS '`night`, or `epoch`: all nights from the epoch''s first to this one.';
COMMENT ON COLUMN divergence.slice_kind IS '`overall`, `category` or `cohort`; `locale` and `model` where they are logged.';
COMMENT ON COLUMN divergence.slice IS 'The slice''s value, or `all`.';
COMMENT ON COLUMN divergence.criterion IS 'A criterion, or `overall` for the weighted score.';
COMMENT ON COLUMN divergence.prod_mean IS 'Stratified mean score of production, 0 to 1.';
COMMENT ON COLUMN divergence.prod_standard_error IS 'Its standard error; over an epoch with what nights differ by beyond their samples.';
COMMENT ON COLUMN divergence.prod_low IS 'Low end of prod_mean''s own 90 % interval (Wilson, with the effective size); over an epoch it holds at every night.';
COMMENT ON COLUMN divergence.prod_high IS 'Its high end.';
COMMENT ON COLUMN divergence.baseline_mean IS 'Mean score of the cold eval (of the same category for a category, else of all).';
COMMENT ON COLUMN divergence.baseline_standard_error IS 'Its standard error; 0 where baseline_uncertainty is `fixed`.';
COMMENT ON COLUMN divergence.difference IS 'prod_mean - baseline_mean.';
COMMENT ON COLUMN divergence.relative_difference IS 'difference / baseline_mean.';
COMMENT ON COLUMN divergence.ci_low IS 'Low end of the difference''s 90 % interval, which includes the baseline''s own error: each end is wrong in 5 % of the nights (window `night`), or of the epochs however often they are read (window `epoch`).';
COMMENT ON COLUMN divergence.ci_high IS 'Its high end.';
COMMENT ON COLUMN divergence.band IS 'Half width of the band, relative to baseline_mean.';
COMMENT ON COLUMN divergence.verdict IS '`within`, `below`, `above`, `stale_eval_set` (below on production''s mix of categories, clearly not on the cold eval''s), `inconclusive`, `small_cell`, `no_baseline` or `no_data`.';
COMMENT ON COLUMN divergence.nights IS 'Nights pooled that hold the slice.';
COMMENT ON COLUMN divergence.items IS 'Scored items pooled.';
COMMENT ON COLUMN divergence.minimum_detectable IS 'Smallest relative difference from the cold eval that the interval would show with 80 % power.';
COMMENT ON COLUMN divergence.adjusted_p IS 'p-value of `below the band` (one-sided; over an epoch it holds at every night), adjusted for the other cells of the window: by Holm among categories and cohorts on the overall criterion, by Benjamini-Hochberg among all cells that only inform.';
COMMENT ON COLUMN divergence.more_nights IS 'Nights it would take besides to tell on which side of the band''s lower edge the epoch is, should its mean stay; null where that is told, or is not to be expected within 60 nights.';
COMMENT ON COLUMN divergence.missing_share IS 'Share of the items, by weight, on which a judgment failed.';
COMMENT ON COLUMN divergence.bound_low IS 'prod_mean if those had scored as low as they could. Where they are more than a fifth of the band, a verdict has to hold at both bounds.';
COMMENT ON COLUMN divergence.bound_high IS 'prod_mean if those had scored as high as they could.';
COMMENT ON COLUMN divergence.standardised_difference IS 'The difference on the cold eval''s mix of categories; of all logs only.';
COMMENT ON COLUMN divergence.alarm IS 'The last nights alone are far below the band (one night clearly more than two bands down, seven little more than one), at an error rate of 0.1 % over the epoch; in the window `epoch` only.';
COMMENT ON COLUMN divergence.alarm_nights IS 'How many last nights: the fewest that raise the alarm; 0 without one.';
COMMENT ON COLUMN divergence.alarm_difference IS 'Their mean''s difference from the cold eval, relative to it; null without an alarm.';
COMMENT ON COLUMN divergence.baseline_uncertainty IS '`sampled`: the cold items stand for more than themselves, so that their mean has an error; `fixed`: their mean is the yardstick itself.';
COMMENT ON COLUMN divergence.stage IS 'The ramp''s stage on the day.';
COMMENT ON COLUMN divergence.epoch_start IS 'First night of the epoch.';
COMMENT ON COLUMN divergence.rubric_id IS 'The rulers and weights.';
COMMENT ON COLUMN divergence.baseline_id IS 'The cold eval.';
COMMENT ON COLUMN divergence.inputs_digest IS 'Hash of the verdicts and the design that the row rests on.';
