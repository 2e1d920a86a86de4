-- The files of the lake that the published file knows, for who builds the next one from it.
-- Grain: one file. Key: place.
CREATE TABLE published.publishing.files (
    folder  VARCHAR,
    keys    VARCHAR[],
    place   VARCHAR,
    bytes   BIGINT,
    version VARCHAR,
    inside  BOOLEAN,
    rows    BIGINT
);

COMMENT ON TABLE published.publishing.files IS 'The files of the lake that this file was built from: the next one exchanges only what is another one then.';
COMMENT ON COLUMN published.publishing.files.folder IS 'The folder of the lake that it is in.';
COMMENT ON COLUMN published.publishing.files.keys IS 'What its place says of all its rows, in the order of the folder''s keys.';
COMMENT ON COLUMN published.publishing.files.place IS 'What the lake keeps it under.';
COMMENT ON COLUMN published.publishing.files.bytes IS 'Its size.';
COMMENT ON COLUMN published.publishing.files.version IS 'What tells it from another file in its place.';
COMMENT ON COLUMN published.publishing.files.inside IS 'Whether its rows are copied into this file; otherwise only views see them.';
COMMENT ON COLUMN published.publishing.files.rows IS 'Its rows; null when it could not be read.';
