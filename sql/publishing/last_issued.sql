-- The last decision that was issued: the one that no later one names as the one before it.
-- Grain: at most one row.
-- Reads: gate_log of one feature.
SELECT
    decision_id,
    day,
    decision,
    reason_codes,
    from_stage,
    to_stage,
    policy_hash,
    evidence_digest
FROM gate_log
WHERE
    decision_id NOT IN (
        SELECT later.previous_decision_id FROM gate_log AS later WHERE later.previous_decision_id IS NOT NULL
    )
ORDER BY issued_at DESC, decision_id
LIMIT 1
