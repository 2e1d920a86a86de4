-- canonical_logs: the logs that a format found, each column a value.
-- Grain: one log, and one row of nulls for a record that is no JSON object.
-- Reads log_cells: file, record and log_number (both NULL where the format reads fields: rows are then in the order of
-- the records), chosen (whether it is read from the file of the chosen copies), and a text for each canonical column
-- (sources: JSON), as it stands in the log.
CREATE OR REPLACE TEMP VIEW canonical_logs AS
WITH valued AS (
    SELECT
        file,
        record,
        log_number,
        chosen,
        text_of(log_id) AS log_id,
        time_of(ts) AS ts,
        coalesce(text_of(category), 'uncategorized') AS category,
        text_of(cohort) AS cohort,
        text_of(user_id) AS user_id,
        text_of(conversation_id) AS conversation_id,
        text_of(locale) AS locale,
        text_of(model) AS model,
        text_of(prompt_version) AS prompt_version,
        prose_of(input) AS input,
        prose_of(output) AS output,
        sources_of(sources) AS sources,
        count_of(input_tokens) AS input_tokens,
        count_of(output_tokens) AS output_tokens,
        number_of(cost_usd) AS cost_usd,
        number_of(latency_ms) AS latency_ms,
        prose_of(error) AS error,
        feedback_of(feedback) AS feedback,
        flag_of(regenerated) AS regenerated,
        flag_of(fallback) AS fallback,
        flag_of(injection_flag) AS injection_flag,
        sources AS sources_cell,
        input_tokens AS input_tokens_cell,
        output_tokens AS output_tokens_cell,
        cost_usd AS cost_usd_cell,
        latency_ms AS latency_ms_cell,
        feedback AS feedback_cell,
        regenerated AS regenerated_cell,
        fallback AS fallback_cell,
        injection_flag AS injection_flag_cell
    FROM log_cells
)

SELECT
    * EXCLUDE (
        sources_cell,
        input_tokens_cell,
        output_tokens_cell,
        cost_usd_cell,
        latency_ms_cell,
        feedback_cell,
        regenerated_cell,
        fallback_cell,
        injection_flag_cell
    ),
    CASE WHEN json_type(sources_cell) NOT IN ('ARRAY', 'OBJECT', 'VARCHAR', 'NULL') THEN 1 ELSE 0 END
    + unreadable(input_tokens_cell, input_tokens)
    + unreadable(output_tokens_cell, output_tokens)
    + unreadable(cost_usd_cell, cost_usd)
    + unreadable(latency_ms_cell, latency_ms)
    + unreadable(feedback_cell, feedback)
    + unreadable(regenerated_cell, regenerated)
    + unreadable(fallback_cell, fallback)
    + unreadable(injection_flag_cell, injection_flag) AS unreadable_cells
FROM valued;
