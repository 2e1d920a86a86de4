-- Every day's decision, and whether another one was issued about it on other evidence than there is now.
-- Grain: one day. Key: day.
-- Reads: gate_log of one feature, and the view `decided`.
--
-- Only what the same policy issued is compared: by other rules, other evidence counts.
WITH issued_otherwise AS (
    SELECT DISTINCT decided.day
    FROM decided
    INNER JOIN gate_log USING (day, policy_hash)
    WHERE gate_log.evidence_digest <> decided.evidence_digest
)

SELECT
    decided.*,
    issued_otherwise.day IS NOT NULL AS restated
FROM decided
LEFT JOIN issued_otherwise USING (day)
ORDER BY decided.day
