-- The records whose text is needed: those with a rejected log, and where the format reads fields, of repeated logs the
-- copy that stays (is_chosen): a second reading of the file could not tell it from the others.
-- Grain: one record, in the order of the files. Key: file, record.
-- Reads rejections, line_fates, repeated_logs.
SELECT DISTINCT
    file,
    record,
    FALSE AS is_chosen
FROM rejections
UNION ALL
SELECT
    line_fates.file,
    line_fates.record,
    TRUE AS is_chosen
FROM line_fates
INNER JOIN repeated_logs USING (fate_row)
WHERE repeated_logs.copy = 1 AND repeated_logs.log_number IS NULL
ORDER BY file, record;
