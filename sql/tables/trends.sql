-- Grain: one criterion under one rubric, over the versions of the cold eval.
-- Key: feature, rubric_id, criterion.
-- Layer: history.
-- Files: feature.
CREATE TABLE trends (
    feature        VARCHAR,
    rubric_id      VARCHAR,
    criterion      VARCHAR,
    versions       BIGINT,
    nights         BIGINT,
    first_day      DATE,
    last_day       DATE,
    cold_slope     DOUBLE,
    cold_p_up      DOUBLE,
    prod_slope     DOUBLE,
    prod_p_down    DOUBLE,
    gap_slope      DOUBLE,
    gap_slope_low  DOUBLE,
    gap_slope_high DOUBLE,
    status         VARCHAR
);

COMMENT ON TABLE trends IS 'Whether the cold eval improves from version to version while production gets worse: work that fits the cold eval alone.';
COMMENT ON COLUMN trends.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN trends.rubric_id IS 'The rulers and weights: scores of others do not belong on the same line.';
COMMENT ON COLUMN trends.criterion IS 'A criterion, or `overall` for the weighted score.';
COMMENT ON COLUMN trends.versions IS 'Versions of the cold eval that nights were compared with.';
COMMENT ON COLUMN trends.nights IS 'Nights compared with any of them.';
COMMENT ON COLUMN trends.first_day IS 'The first of those nights.';
COMMENT ON COLUMN trends.last_day IS 'The last of them.';
COMMENT ON COLUMN trends.cold_slope IS 'Points by which the cold eval''s mean rises from a version to the next; null with fewer than 3 versions.';
COMMENT ON COLUMN trends.cold_p_up IS 'One-sided p-value of `it does not rise`.';
COMMENT ON COLUMN trends.prod_slope IS 'Points by which production''s mean rises from a version to the next.';
COMMENT ON COLUMN trends.prod_p_down IS 'One-sided p-value of `it does not fall`.';
COMMENT ON COLUMN trends.gap_slope IS 'Points by which the nightly gap (cold eval minus production) grows in a week: the median slope of all pairs of nights.';
COMMENT ON COLUMN trends.gap_slope_low IS 'Low end of its 95 % interval.';
COMMENT ON COLUMN trends.gap_slope_high IS 'Its high end.';
COMMENT ON COLUMN trends.status IS '`overfitting` (the cold eval rises and production falls, each at 5 %), `gap_widens` (its interval is above 0), `steady`, or `too_little` (neither can be computed).';
