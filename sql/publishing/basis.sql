-- What the published file was first built on, and how large it was then.
-- Grain: the file; one row.
CREATE TABLE published.publishing.basis (
    basis      VARCHAR,
    file_bytes BIGINT,
    lake_bytes BIGINT
);

COMMENT ON TABLE published.publishing.basis IS 'What must be the same for the next file to begin as a copy of this one.';
COMMENT ON COLUMN published.publishing.basis.basis IS 'Hash of the contract, the code, whose text is shown, and where the lake is.';
COMMENT ON COLUMN published.publishing.basis.file_bytes IS 'The size of the last file that was built from nothing.';
COMMENT ON COLUMN published.publishing.basis.lake_bytes IS 'The bytes of the files of the lake that were inside it.';
