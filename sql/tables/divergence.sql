-- Grain: one criterion of one slice in one window that ends on a day.
-- Key: feature, day, window, slice_kind, slice, criterion.
CREATE TABLE divergence (
    feature                 VARCHAR,
    day                     DATE,
    "window"                VARCHAR,
    slice_kind              VARCHAR,
    slice                   VARCHAR,
    criterion               VARCHAR,
    prod_mean               DOUBLE,
    prod_standard_error     DOUBLE,
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
COMMENT ON COLUMN divergence.prod_standard_error IS 'Its standard error.';
COMMENT ON COLUMN divergence.baseline_mean IS 'Mean score of the cold eval (of the same category for a category, else of all).';
COMMENT ON COLUMN divergence.baseline_standard_error IS 'Its standard error.';
COMMENT ON COLUMN divergence.difference IS 'prod_mean - baseline_mean.';
COMMENT ON COLUMN divergence.relative_difference IS 'difference / baseline_mean.';
COMMENT ON COLUMN divergence.ci_low IS 'Low end of the difference''s 99 % interval, which includes the baseline''s own error.';
COMMENT ON COLUMN divergence.ci_high IS 'Its high end.';
COMMENT ON COLUMN divergence.band IS 'Half width of the band, relative to baseline_mean.';
COMMENT ON COLUMN divergence.verdict IS '`within`, `below`, `above`, `inconclusive`, `small_cell`, `no_baseline` or `no_data`.';
COMMENT ON COLUMN divergence.nights IS 'Nights pooled that hold the slice.';
COMMENT ON COLUMN divergence.items IS 'Scored items pooled.';
COMMENT ON COLUMN divergence.minimum_detectable IS 'Smallest relative difference that this many items would show with 80 % power.';
COMMENT ON COLUMN divergence.adjusted_p IS 'p-value of `below the band` (one-sided), Holm-adjusted within window, slice_kind and criterion.';
COMMENT ON COLUMN divergence.stage IS 'The ramp''s stage on the day.';
COMMENT ON COLUMN divergence.epoch_start IS 'First night of the epoch.';
COMMENT ON COLUMN divergence.rubric_id IS 'The rulers and weights.';
COMMENT ON COLUMN divergence.baseline_id IS 'The cold eval.';
COMMENT ON COLUMN divergence.inputs_digest IS 'Hash of the verdicts and the design that the row rests on.';
