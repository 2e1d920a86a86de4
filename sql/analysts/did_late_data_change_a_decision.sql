-- Would a decision that was issued be another one by what is known now?
-- Answer: every decision as issued beside the same day recomputed. `restated` is true where late or corrected data, or
-- another policy, changed it: an advance that is now a roll back is worth a look at what was let through.
SELECT
    issued.feature,
    issued.day,
    issued.issued_at,
    issued.decision AS decided_then,
    now_known.decision AS decided_now,
    (issued.decision IS DISTINCT FROM now_known.decision) AS restated,
    (issued.policy_hash IS DISTINCT FROM now_known.policy_hash) AS policy_changed,
    now_known.explanation
FROM gate_log AS issued
LEFT JOIN gate_decisions AS now_known USING (feature, day)
ORDER BY
    issued.feature,
    issued.issued_at DESC
