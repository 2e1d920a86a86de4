-- Title: Volume.
-- Measures: how many logs the day has.
-- Unit: count.
-- Uncertainty: none.
-- Reference: none.
-- Band: none.
-- Harmful: none.
SELECT
    COUNT(*) AS value,
    COUNT(*) AS observations
FROM prod_logs
