-- line_fates: where each record of a day's files goes, before its neighbours in the day are known.
-- Grain: one record that is not blank. Key: file, record (from 0, in the file's order: rows must keep their order).
-- fate is NULL for a log of the day, `other_day`, or the reason of a rejection; a record that is no JSON object counts
-- as `missing_id` until its text is looked at (rejected_logs.sql).
-- Reads the view canonical_logs.
-- Variables: day_begin, day_end (TIMESTAMPTZ), neighbours (the numbers of other days' files).
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
    CASE WHEN (fate IS DISTINCT FROM 'other_day') THEN log_id END AS log_id,
    ts,
    fate
FROM fated_logs;

CREATE OR REPLACE TEMP VIEW line_fates AS
WITH first_rows AS (
    SELECT
        file,
        min(rowid) AS first_row
    FROM fates
    GROUP BY file
)

SELECT
    fates.file,
    fates.rowid - first_rows.first_row AS record,
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
    file,
    record,
    log_id,
    row_number() OVER (PARTITION BY log_id ORDER BY ts, file, record) AS copy
FROM line_fates
SEMI JOIN repeated USING (log_id)
WHERE fate IS NULL;
