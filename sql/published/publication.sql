-- What the published file says of itself.
-- Grain: the file; one row.
CREATE TABLE publication (
    published_at     TIMESTAMPTZ,
    code_version     VARCHAR,
    text_published   VARCHAR[],
    text_redacted    VARCHAR[],
    unreadable_files VARCHAR[]
);

COMMENT ON TABLE publication IS 'When this file was built, by which code, and what it leaves out.';
COMMENT ON COLUMN publication.published_at IS 'When the file was built.';
COMMENT ON COLUMN publication.code_version IS 'The version of the code that built it.';
COMMENT ON COLUMN publication.text_published IS 'Features whose text is in the file as it is (`publish.text: full` in their files).';
COMMENT ON COLUMN publication.text_redacted IS 'Features whose text is in the file redacted, names and postal addresses excepted; it is null in prod_logs and rejected_logs. Of features in neither list, the columns that quote text are null.';
COMMENT ON COLUMN publication.unreadable_files IS 'Files of the lake that could not be read: their rows are missing here. Run those days again.';
