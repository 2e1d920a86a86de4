-- How far people agree with the judge of a rubric, and its mean scores beside those that people's labels make of them.
-- Grain: one criterion. Key: criterion.
-- Parameters: $rubric_id. Reads: calibration, rubrics of one feature.
SELECT
    calibration.criterion,
    MAX(calibration.items) AS items,
    MAX(calibration.kappa) AS kappa,
    MAX(calibration.kappa_low) AS kappa_low,
    MAX(calibration.kappa_high) AS kappa_high,
    MAX(calibration.people_kappa) AS people_kappa,
    MAX(calibration.raw_mean) FILTER (WHERE calibration.item_kind = 'prod') AS prod_raw,
    MAX(calibration.corrected_mean) FILTER (WHERE calibration.item_kind = 'prod') AS prod_corrected,
    MAX(calibration.low) FILTER (WHERE calibration.item_kind = 'prod') AS prod_low,
    MAX(calibration.high) FILTER (WHERE calibration.item_kind = 'prod') AS prod_high,
    MAX(calibration.raw_mean) FILTER (WHERE calibration.item_kind = 'cold') AS cold_raw,
    MAX(calibration.corrected_mean) FILTER (WHERE calibration.item_kind = 'cold') AS cold_corrected,
    MAX(calibration.low) FILTER (WHERE calibration.item_kind = 'cold') AS cold_low,
    MAX(calibration.high) FILTER (WHERE calibration.item_kind = 'cold') AS cold_high
FROM calibration
WHERE
    calibration.method = 'ppi++'
    AND (
        calibration.ruler_id = $rubric_id
        OR calibration.ruler_id IN (SELECT ruler_id FROM rubrics WHERE rubric_id = $rubric_id)
    )
GROUP BY calibration.criterion
ORDER BY calibration.criterion <> 'overall', calibration.criterion
