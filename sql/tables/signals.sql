-- Grain: one signal of one cohort on a day.
-- Key: feature, day, cohort, signal.
-- Layer: day.
-- Files: feature, day.
CREATE TABLE signals (
    feature      VARCHAR,
    day          DATE,
    cohort       VARCHAR,
    signal       VARCHAR,
    value        DOUBLE,
    reference    DOUBLE,
    band_low     DOUBLE,
    band_high    DOUBLE,
    status       VARCHAR,
    observations BIGINT
);

COMMENT ON TABLE signals IS 'What the day''s full log says, without sampling.';
COMMENT ON COLUMN signals.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN signals.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN signals.cohort IS 'A cohort, or `all`.';
COMMENT ON COLUMN signals.signal IS 'The signal''s name: what it measures is in its file of sql/signals/, and in docs/reference.md.';
COMMENT ON COLUMN signals.value IS 'The day''s value; null when nothing was logged to measure it.';
COMMENT ON COLUMN signals.reference IS 'What it is compared with: the forecast, the latency before launch, or the limit of a rate.';
COMMENT ON COLUMN signals.band_low IS 'Lowest healthy value; null when there is none.';
COMMENT ON COLUMN signals.band_high IS 'Highest healthy value; null when there is none.';
COMMENT ON COLUMN signals.status IS '`healthy`; `unhealthy` (outside on the harmful side); `unexpected` (outside on the harmless side: the reference no longer fits); `inconclusive` (a rate over its limit on too few logs to say); `missing`; `informational` (no reference to compare with).';
COMMENT ON COLUMN signals.observations IS 'Logs that the value rests on.';
