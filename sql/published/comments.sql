-- The comments of the one table that is declared.
-- Grain: one column. Key: column_name.
SELECT
    declared.comment AS table_comment,
    described.column_name,
    described.comment AS column_comment
FROM duckdb_tables() AS declared
JOIN duckdb_columns() AS described USING (database_name, schema_name, table_name)
