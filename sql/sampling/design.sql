-- How a day is to be sampled, for population.sql to read.
-- Grain: one row.
-- Parameters: $stratify_by (a list of columns of prod_logs), $cohorts (a list, or null for all).
SELECT
    CAST($stratify_by AS VARCHAR[]) AS stratify_by,
    CAST($cohorts AS VARCHAR[]) AS cohorts
