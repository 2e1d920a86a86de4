-- rejected_logs: the lines of a day's files that could not be used.
-- Grain: one line, or one log of a line where its format looks for several. Key: file, line, log_of_line.
-- Reads rejections, line_fates, day_files, and rejected_texts: file, record, line, json (the record as JSON; NULL if it
-- is over 64 KiB, and then a record without an id counts as malformed), utf8, raw.
-- A log with a number came out of a record that is a JSON object.
WITH numbered AS (
    SELECT
        log_number,
        row_number() OVER (PARTITION BY file, record ORDER BY log_number) AS log_of_line
    FROM line_fates
    WHERE log_number IS NOT NULL
)

SELECT
    day_files.label AS file,
    rejected_texts.line,
    CASE
        WHEN rejections.reason <> 'missing_id' OR rejections.log_number IS NOT NULL THEN rejections.reason
        WHEN NOT coalesce(json_valid(rejected_texts.json), FALSE) THEN 'malformed'
        WHEN json_type(rejected_texts.json) <> 'OBJECT' THEN 'malformed'
        WHEN NOT rejected_texts.utf8 THEN 'invalid_utf8'
        ELSE 'missing_id'
    END AS reason,
    rejections.log_id,
    rejected_texts.raw,
    numbered.log_of_line
FROM rejected_texts
INNER JOIN rejections USING (file, record)
INNER JOIN day_files USING (file)
LEFT JOIN numbered USING (log_number)
