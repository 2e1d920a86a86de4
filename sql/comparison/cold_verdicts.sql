-- What all verdicts about cold evals come to: the same text, whenever their files were written.
-- Grain: one row; null where there are none. Reads: cold_judgments of one feature.
SELECT
    SHA256(STRING_AGG(
        CONCAT_WS('|', baseline_id, ruler_id, item_id, status, score),
        ';' ORDER BY baseline_id, ruler_id, item_id
    )) AS digest
FROM cold_judgments
