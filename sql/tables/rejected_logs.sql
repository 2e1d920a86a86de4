-- Grain: one line of input that is not in prod_logs, or one log of a line that holds several.
-- Key: feature, day, file, line, log_of_line.
-- Layer: day.
-- Files: feature, day.
-- Text: raw; never redacted.
-- Published: recent days.
CREATE TABLE rejected_logs (
    feature     VARCHAR,
    day         DATE,
    file        VARCHAR,
    line        BIGINT,
    reason      VARCHAR,
    log_id      VARCHAR,
    raw         VARCHAR,
    log_of_line BIGINT
);

COMMENT ON TABLE rejected_logs IS 'Every line that could not be used, with its reason and its raw text.';
COMMENT ON COLUMN rejected_logs.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN rejected_logs.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN rejected_logs.file IS 'The file it is in, relative to the feature file''s folder.';
COMMENT ON COLUMN rejected_logs.line IS 'Line of the file from 1; for CSV the record from 1 below the header, for Parquet the row from 1.';
COMMENT ON COLUMN rejected_logs.reason IS '`malformed`, `invalid_utf8`, `missing_id`, `unreadable_time`, `empty_input`, `empty_output` or `duplicate`.';
COMMENT ON COLUMN rejected_logs.log_id IS 'The log''s id where it has one.';
COMMENT ON COLUMN rejected_logs.raw IS 'The line as it stands, bytes that are not UTF-8 replaced; at most 64 KiB of it.';
COMMENT ON COLUMN rejected_logs.log_of_line IS 'Which of the line''s logs it is, from 1, where the format looks for several in a line; else null.';
