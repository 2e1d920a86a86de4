-- One decision, as a row of gate_log.
-- Parameters: those named below.
SELECT
    $previous_decision_id AS previous_decision_id,
    $decision AS decision,
    $reason_codes AS reason_codes,
    $from_stage AS from_stage,
    $to_stage AS to_stage,
    $policy_hash AS policy_hash,
    $evidence_digest AS evidence_digest,
    $issued_at AS issued_at,
    $expires_at AS expires_at,
    $code_version AS code_version
