-- Grain: one way to correct one criterion's mean, of production or of the cold eval, by one ruler.
-- Key: feature, criterion, ruler_id, item_kind, method.
-- Layer: history.
-- Files: feature.
CREATE TABLE calibration (
    feature        VARCHAR,
    criterion      VARCHAR,
    ruler_id       VARCHAR,
    item_kind      VARCHAR,
    method         VARCHAR,
    items          BIGINT,
    kappa          DOUBLE,
    kappa_low      DOUBLE,
    kappa_high     DOUBLE,
    people_items   BIGINT,
    people_kappa   DOUBLE,
    judged         BIGINT,
    labelled       BIGINT,
    raw_mean       DOUBLE,
    corrected_mean DOUBLE,
    low            DOUBLE,
    high           DOUBLE
);

COMMENT ON TABLE calibration IS 'The judge beside people: how far they agree, and its means corrected by what people said of some items.';
COMMENT ON COLUMN calibration.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN calibration.criterion IS 'A criterion, or `overall` for the weighted score.';
COMMENT ON COLUMN calibration.ruler_id IS 'The ruler that scored; for `overall` the rubric.';
COMMENT ON COLUMN calibration.item_kind IS '`prod` or `cold`: whose mean it is.';
COMMENT ON COLUMN calibration.method IS '`ppi++`: of graded scores, stratified; `rogan_gladen`: of the share of items at level 4 or 5.';
COMMENT ON COLUMN calibration.items IS 'Items, of either kind, to which both the judge and a person give a level.';
COMMENT ON COLUMN calibration.kappa IS 'Quadratic-weighted kappa of the judge with people on those; null for `overall`, and where no level varies.';
COMMENT ON COLUMN calibration.kappa_low IS 'Low end of its 95 % bootstrap interval; null where they never differ.';
COMMENT ON COLUMN calibration.kappa_high IS 'Its high end.';
COMMENT ON COLUMN calibration.people_items IS 'Items to which two people or more give a level.';
COMMENT ON COLUMN calibration.people_kappa IS 'Quadratic-weighted kappa of people with each other: what a judge can be asked for.';
COMMENT ON COLUMN calibration.judged IS 'Items whose scores make raw_mean.';
COMMENT ON COLUMN calibration.labelled IS 'Labelled items that the correction rests on: those of item_kind, or for `rogan_gladen` all.';
COMMENT ON COLUMN calibration.raw_mean IS 'Mean score by the judge alone, 0 to 1, over all nights by this ruler; for `rogan_gladen` the share it calls good.';
COMMENT ON COLUMN calibration.corrected_mean IS 'The same as people would have it; null where labels are too few, or the judge tells no good from poor.';
COMMENT ON COLUMN calibration.low IS 'Low end of its 95 % interval, which includes the labels'' own error.';
COMMENT ON COLUMN calibration.high IS 'Its high end.';
