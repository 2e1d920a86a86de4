-- The records whose text is needed: those that are rejected, and of repeated logs the copy that stays.
-- Grain: one record, in the order of the files. Key: file, record.
SELECT
    file,
    record,
    fate IS NULL AND copy = 1 AS stays
FROM line_fates
LEFT JOIN repeated_logs USING (file, record)
WHERE (fate IS NOT NULL AND fate <> 'other_day') OR copy IS NOT NULL
ORDER BY file, record;
