-- cold_eval: the items of a feature's cold eval as they are now, each by its line.
-- Grain: one record of the file, bad ones too; record counts from 0 in the file's order (rows must keep their order).
-- Reads the view `records`: a text for each column (sources: JSON), as they stand in the file.
CREATE OR REPLACE TEMP TABLE cold_records AS
SELECT
    text_of(item_id) AS item_id,
    coalesce(text_of(category), 'uncategorized') AS category,
    prose_of(input) AS input,
    prose_of(output) AS output,
    sources_of(sources) AS sources,
    coalesce(json_type(sources), 'NULL') NOT IN ('ARRAY', 'OBJECT', 'VARCHAR', 'NULL') AS sources_unreadable
FROM records;

CREATE OR REPLACE TEMP VIEW cold_mistakes AS
WITH numbered AS (
    SELECT
        rowid AS record,
        *,
        row_number() OVER (PARTITION BY item_id ORDER BY rowid) AS copy
    FROM cold_records
)

SELECT
    record,
    item_id,
    CASE
        WHEN item_id IS NULL THEN 'missing_id'
        WHEN copy > 1 THEN 'duplicate'
        WHEN input IS NULL THEN 'empty_input'
        WHEN output IS NULL THEN 'empty_output'
        WHEN sources_unreadable THEN 'unreadable_sources'
    END AS mistake
FROM numbered
WHERE mistake IS NOT NULL
ORDER BY record;
