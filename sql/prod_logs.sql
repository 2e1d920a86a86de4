-- prod_logs: the logs of a day.
-- Grain: one log. Key: log_id.
-- Reads fated_logs and repeated_logs. Of logs that are repeated, only the copies in files of their own (kept) pass.
-- Variable: all_stay, true if no record of the files is to be left out; then none is looked at for it, which a clean day
-- gains a fifth of its time by.
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
FROM fated_logs
WHERE
    getvariable('all_stay')
    OR (fate IS NULL AND (kept OR log_id NOT IN (SELECT log_id FROM repeated_logs)))
