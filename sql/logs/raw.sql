-- raw: the records of a day's files as they are, for formats that read them so.
-- Grain: one record that is a JSON object. Key: file, record (from 0 in its file, blank lines not counted).
-- Reads the view numbered_records: file, number (over all files, in their order: rows must keep it), json (NULL for
-- what is no JSON object). Makes record_numbers, too: file, record, is_object of all records.
CREATE OR REPLACE TEMP TABLE record_places AS
SELECT
    file,
    number,
    json IS NOT NULL AS is_object
FROM numbered_records;

CREATE OR REPLACE TEMP VIEW first_records AS
SELECT
    file,
    min(number) AS first_number
FROM record_places
GROUP BY file;

CREATE OR REPLACE TEMP VIEW record_numbers AS
SELECT
    record_places.file,
    record_places.number - first_records.first_number AS record,
    record_places.is_object
FROM record_places
INNER JOIN first_records USING (file);

CREATE OR REPLACE TEMP VIEW raw AS
SELECT
    numbered_records.file,
    numbered_records.number - first_records.first_number AS record,
    numbered_records.json
FROM numbered_records
INNER JOIN first_records USING (file)
WHERE numbered_records.json IS NOT NULL;
