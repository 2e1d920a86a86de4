-- What the published file says of itself.
-- Grain: the file; one row.
CREATE TABLE publication (
    published_at     TIMESTAMPTZ,
    code_version     VARCHAR,
    schema_version   INTEGER,
    days_inside      INTEGER,
    data_directory   VARCHAR,
    text_published   VARCHAR[],
    text_redacted    VARCHAR[],
    unreadable_files VARCHAR[]
);

COMMENT ON TABLE publication IS 'When this file was built, by which code, and what it leaves out.';
COMMENT ON COLUMN publication.published_at IS 'When the file was built.';
COMMENT ON COLUMN publication.code_version IS 'The version of the code that built it.';
COMMENT ON COLUMN publication.schema_version IS 'How the file is laid out; raised when a reader has to know.';
COMMENT ON COLUMN publication.days_inside IS 'How many days of each feature the tables of recent days hold; the schema `lake` shows all days.';
COMMENT ON COLUMN publication.data_directory IS 'The data directory that it was built from. Views (prod_logs, and those of the schema `lake`) need that folder; all tables are in the file itself.';
COMMENT ON COLUMN publication.text_published IS 'Features whose text is in the file as it is (`publish.text: full` in their files).';
COMMENT ON COLUMN publication.text_redacted IS 'Features whose text is in the file redacted, names and postal addresses excepted; it is null in prod_logs, rejected_logs and the schema `lake`. Of features in neither list, the columns that quote text are null.';
COMMENT ON COLUMN publication.unreadable_files IS 'Files of the lake that could not be read: their rows are missing here. Run those days again.';
