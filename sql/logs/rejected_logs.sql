-- rejected_logs: the lines of a day's files that could not be used.
-- Grain: one line. Key: file, line.
-- Reads line_fates, day_files, and `rejected_texts`: file, record, line, json (the record as JSON; NULL if it is over
-- 64 KiB, and then a record without an id counts as malformed), utf8, raw.
SELECT
    day_files.label AS file,
    rejected_texts.line,
    CASE
        WHEN line_fates.fate IS NULL THEN 'duplicate'
        WHEN line_fates.fate <> 'missing_id' THEN line_fates.fate
        WHEN NOT coalesce(json_valid(rejected_texts.json), FALSE) THEN 'malformed'
        WHEN json_type(rejected_texts.json) <> 'OBJECT' THEN 'malformed'
        WHEN NOT rejected_texts.utf8 THEN 'invalid_utf8'
        ELSE 'missing_id'
    END AS reason,
    line_fates.log_id,
    rejected_texts.raw
FROM rejected_texts
INNER JOIN line_fates USING (file, record)
INNER JOIN day_files USING (file)
