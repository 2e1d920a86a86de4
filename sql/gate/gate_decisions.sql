-- Every day's decision, and whether another one was issued about it on other evidence than there is now.
-- Grain: one day. Key: day.
-- Reads: gate_log of one feature, and the view `decided`.
--
-- Only what the same policy issued is compared: by other rules, other evidence counts.
SELECT
    decided.*,
    EXISTS (
        SELECT 1
        FROM gate_log
        WHERE
            gate_log.day = decided.day
            AND gate_log.policy_hash = decided.policy_hash
            AND gate_log.evidence_digest <> decided.evidence_digest
    ) AS restated
FROM decided
ORDER BY decided.day
