-- Grain: one ruler on a date on which anchors were judged.
-- Key: feature, judged_on, ruler_id.
-- Layer: history.
-- Files: feature.
CREATE TABLE judge_drift (
    feature        VARCHAR,
    judged_on      DATE,
    criterion      VARCHAR,
    ruler_id       VARCHAR,
    anchors        BIGINT,
    mean_first     DOUBLE,
    mean_now       DOUBLE,
    difference     DOUBLE,
    ci_low         DOUBLE,
    ci_high        DOUBLE,
    tolerance      DOUBLE,
    status         VARCHAR,
    own_difference DOUBLE,
    own_variance   DOUBLE,
    made_of        VARCHAR
);

COMMENT ON TABLE judge_drift IS 'Whether the judge still judges as it did: the same cold items, judged again on every date.';
COMMENT ON COLUMN judge_drift.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN judge_drift.judged_on IS 'The date on which the anchors were judged again.';
COMMENT ON COLUMN judge_drift.criterion IS 'The criterion.';
COMMENT ON COLUMN judge_drift.ruler_id IS 'The ruler that judged, then and now.';
COMMENT ON COLUMN judge_drift.anchors IS 'Anchors with a score then and on this date.';
COMMENT ON COLUMN judge_drift.mean_first IS 'Their mean score when the cold eval was judged, 0 to 1.';
COMMENT ON COLUMN judge_drift.mean_now IS 'Their mean score on this date.';
COMMENT ON COLUMN judge_drift.difference IS 'Score now less score then, the mean of this date and all before it, each counting once.';
COMMENT ON COLUMN judge_drift.ci_low IS 'Low end of its interval, which leaves the truth out on any date of any criterion with a chance of 5 %.';
COMMENT ON COLUMN judge_drift.ci_high IS 'Its high end.';
COMMENT ON COLUMN judge_drift.tolerance IS 'A drift that uses up half of the band of quality.';
COMMENT ON COLUMN judge_drift.status IS '`steady`: the interval is within the tolerance; `drifted`: it is not, and leaves out 0, or this date alone is clearly beyond the tolerance; else `inconclusive`.';
COMMENT ON COLUMN judge_drift.own_difference IS 'Score now less score then, the mean of this date alone.';
COMMENT ON COLUMN judge_drift.own_variance IS 'Variance of that mean.';
COMMENT ON COLUMN judge_drift.made_of IS 'Which files of verdicts the date was read from: when they are others, it is read again.';
