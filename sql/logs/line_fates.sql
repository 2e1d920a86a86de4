-- line_fates: where each log of a day's files goes, and each record that is none, before the day's logs are written.
-- Grain: one log, or one record that is no JSON object. Key: fate_row.
-- Reads the view canonical_logs. Rows must keep their order where a format reads fields: it numbers their records.
-- Variables: day_begin, day_end (TIMESTAMPTZ), neighbours (the numbers of other days' files).
-- fate is NULL for a log of the day, `other_day`, or the reason of a rejection; a record that is no JSON object counts
-- as `missing_id` until its text is looked at (rejected_logs.sql).
CREATE OR REPLACE TEMP VIEW fated_logs AS
SELECT
    *,
    CASE
        WHEN ts < getvariable('day_begin') OR ts >= getvariable('day_end') THEN 'other_day'
        WHEN ts IS NULL AND list_contains(getvariable('neighbours'), file) THEN 'other_day'
        WHEN log_id IS NULL THEN 'missing_id'
        WHEN ts IS NULL THEN 'unreadable_time'
        WHEN error IS NOT NULL THEN NULL
        WHEN input IS NULL THEN 'empty_input'
        WHEN output IS NULL THEN 'empty_output'
    END AS fate
FROM canonical_logs;

CREATE OR REPLACE TEMP TABLE fates AS
SELECT
    file,
    record,
    log_number,
    CASE WHEN (fate IS DISTINCT FROM 'other_day') THEN log_id END AS log_id,
    ts,
    fate
FROM fated_logs;

-- record counts from 0 in its file, blank lines not counted.
CREATE OR REPLACE TEMP VIEW line_fates AS
WITH first_rows AS (
    SELECT
        file,
        min(rowid) AS first_row
    FROM fates
    GROUP BY file
)

SELECT
    fates.rowid AS fate_row,
    fates.file,
    coalesce(fates.record, fates.rowid - first_rows.first_row) AS record,
    fates.log_number,
    fates.log_id,
    fates.ts,
    fates.fate
FROM fates
INNER JOIN first_rows USING (file);

-- Of logs with one id, the smallest ts, then file, then record stays (copy 1).
CREATE OR REPLACE TEMP TABLE repeated_logs AS
WITH repeated AS (
    SELECT log_id
    FROM fates
    WHERE fate IS NULL
    GROUP BY log_id
    HAVING count(*) > 1
)

SELECT
    fate_row,
    log_number,
    log_id,
    row_number() OVER (PARTITION BY log_id ORDER BY ts, file, record, log_number) AS copy
FROM line_fates
SEMI JOIN repeated USING (log_id)
WHERE fate IS NULL;

CREATE OR REPLACE TEMP TABLE rejections AS
SELECT
    line_fates.file,
    line_fates.record,
    line_fates.log_number,
    line_fates.log_id,
    coalesce(line_fates.fate, 'duplicate') AS reason
FROM line_fates
LEFT JOIN repeated_logs USING (fate_row)
WHERE (line_fates.fate IS NOT NULL AND line_fates.fate <> 'other_day') OR repeated_logs.copy > 1;
