-- The decision about the newest day that has one.
-- Grain: at most one row.
-- Reads: gate_decisions of one feature.
SELECT *
FROM gate_decisions
ORDER BY day DESC
LIMIT 1
