-- Grain: one file that was read for a day.
-- Key: feature, day, file.
-- Layer: day.
-- Files: feature, day.
-- Published: recent days.
CREATE TABLE log_files (
    feature          VARCHAR,
    day              DATE,
    file             VARCHAR,
    file_day         DATE,
    physical_lines   BIGINT,
    prod_logs        BIGINT,
    rejected         BIGINT,
    other_day        BIGINT,
    blank            BIGINT,
    unreadable_cells BIGINT,
    left_out         BIGINT,
    further_logs     BIGINT
);

COMMENT ON TABLE log_files IS 'The account of a day''s input: physical_lines + further_logs = prod_logs + rejected + other_day + blank + left_out, each file by itself.';
COMMENT ON COLUMN log_files.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN log_files.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN log_files.file IS 'The file, relative to the feature file''s folder.';
COMMENT ON COLUMN log_files.file_day IS 'The day in the file''s name.';
COMMENT ON COLUMN log_files.physical_lines IS 'Lines (CSV: records, Parquet: rows) by a count independent of the reader.';
COMMENT ON COLUMN log_files.prod_logs IS 'Rows that went to prod_logs.';
COMMENT ON COLUMN log_files.rejected IS 'Rows that went to rejected_logs.';
COMMENT ON COLUMN log_files.other_day IS 'Rows that belong to another day, and lines of a neighbouring file that cannot be dated: that file''s own day rejects them.';
COMMENT ON COLUMN log_files.blank IS 'Lines of nothing but white space.';
COMMENT ON COLUMN log_files.unreadable_cells IS 'Cells of kept rows that hold something which is not of the column''s type and so became null.';
COMMENT ON COLUMN log_files.left_out IS 'Records in which the format finds no log, as it may; 0 where every record is one.';
COMMENT ON COLUMN log_files.further_logs IS 'Logs that records hold beyond their first; 0 where every record is one.';
