-- Title: A record is a log; its fields are called like the columns they fill, or `fields` says where each is.
-- Logs a record: one.
-- Reads: fields.
SELECT *
FROM records;
