-- log_files: the account of a day's input.
-- Grain: one file that was read. Key: file.
-- Reads day_files (with lines and blank lines by a count of their own), fates, left_out_records, and written_prod_logs
-- and written_rejected_logs, which are what was written of those tables.
-- Variables: may_hold_any (whether a record may hold no log, or several, and not one).
WITH used AS (
    SELECT
        _file AS file,
        count(*) AS logs,
        CAST(sum(_unreadable_cells) AS BIGINT) AS unreadable_cells
    FROM written_prod_logs
    GROUP BY _file
),

rejected AS (
    SELECT
        file AS label,
        count(*) AS lines
    FROM written_rejected_logs
    GROUP BY file
),

elsewhere AS (
    SELECT
        file,
        count(*) AS logs
    FROM fates
    WHERE fate = 'other_day'
    GROUP BY file
),

left_out AS (
    SELECT
        file,
        count(*) AS records
    FROM left_out_records
    GROUP BY file
),

further AS (
    SELECT
        file,
        count(*) - count(DISTINCT record) AS logs
    FROM fates
    WHERE getvariable('may_hold_any') AND log_number IS NOT NULL
    GROUP BY file
)

SELECT
    day_files.label AS file,
    day_files.file_day,
    day_files.physical_lines,
    coalesce(used.logs, 0) AS prod_logs,
    coalesce(rejected.lines, 0) AS rejected,
    coalesce(elsewhere.logs, 0) AS other_day,
    day_files.blank,
    coalesce(used.unreadable_cells, 0) AS unreadable_cells,
    coalesce(left_out.records, 0) AS left_out,
    coalesce(further.logs, 0) AS further_logs
FROM day_files
LEFT JOIN used USING (file)
LEFT JOIN rejected USING (label)
LEFT JOIN elsewhere USING (file)
LEFT JOIN left_out USING (file)
LEFT JOIN further USING (file)
ORDER BY day_files.file
