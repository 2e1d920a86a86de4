-- The logs of a day that can be sampled, each with the value that it is stratified by: those that have an output, of
-- the stage's cohorts.
-- Grain: one log. Key: log_id.
-- Reads: prod_logs of one day; design (stratify_by, cohorts), one row.
--
-- A value is named by its columns' values, in the order of the columns below whatever their order in stratify_by:
-- `billing`, or `billing / en`; a value that is missing is `(none)`.
SELECT
    prod_logs.log_id,
    CONCAT_WS(
        ' / ',
        CASE WHEN LIST_CONTAINS(design.stratify_by, 'category') THEN COALESCE(prod_logs.category, '(none)') END,
        CASE WHEN LIST_CONTAINS(design.stratify_by, 'cohort') THEN COALESCE(prod_logs.cohort, '(none)') END,
        CASE WHEN LIST_CONTAINS(design.stratify_by, 'locale') THEN COALESCE(prod_logs.locale, '(none)') END,
        CASE WHEN LIST_CONTAINS(design.stratify_by, 'model') THEN COALESCE(prod_logs.model, '(none)') END,
        CASE
            WHEN LIST_CONTAINS(design.stratify_by, 'prompt_version') THEN COALESCE(prod_logs.prompt_version, '(none)')
        END
    ) AS value
FROM prod_logs
CROSS JOIN design
WHERE
    prod_logs.output IS NOT NULL
    AND (design.cohorts IS NULL OR LIST_CONTAINS(design.cohorts, prod_logs.cohort))
