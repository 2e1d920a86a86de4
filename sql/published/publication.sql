-- What the published file says of itself.
-- Grain: the file; one row.
CREATE TABLE publication (
    published_at     TIMESTAMPTZ,
    code_version     VARCHAR,
    text_published   VARCHAR[],
    unreadable_files VARCHAR[]
);

COMMENT ON TABLE publication IS 'When this file was built, by which code, and what it leaves out.';
COMMENT ON COLUMN publication.published_at IS 'When the file was built.';
COMMENT ON COLUMN publication.code_version IS 'The version of the code that built it.';
COMMENT ON COLUMN publication.text_published IS 'Features whose text is in the file (`publish.text` of their files); of all others the columns that quote it are null.';
COMMENT ON COLUMN publication.unreadable_files IS 'Files of the lake that could not be read: their rows are missing here. Run those days again.';
