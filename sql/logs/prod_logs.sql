-- prod_logs: the logs of a day.
-- Grain: one log. Key: log_id.
-- Reads the view chosen_logs.
-- `_file` and `_unreadable_cells` are for the account of the files; they are no columns of the contract.
SELECT
    log_id,
    ts,
    category,
    cohort,
    user_id,
    conversation_id,
    locale,
    model,
    prompt_version,
    input,
    output,
    sources,
    input_tokens,
    output_tokens,
    cost_usd,
    latency_ms,
    error,
    feedback,
    regenerated,
    fallback,
    injection_flag,
    file AS _file,
    CAST(unreadable_cells AS UTINYINT) AS _unreadable_cells
FROM chosen_logs
