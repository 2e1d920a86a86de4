-- How far do people agree with the judge, and would its means be others by their labels?
-- Answer: one row per criterion, ruler and mean, for features with human labels. `kappa` is 1 where judge and people
-- always give the same level and 0 where they agree no more than by chance; hold it against `people_kappa`, which is
-- what people reach with each other. Where `mean_by_the_judge` is outside `low` to `high`, the judge is biased: trust
-- the corrected one.
SELECT
    feature,
    criterion,
    ruler_id,
    items,
    ROUND(kappa, 2) AS kappa,
    ROUND(kappa_low, 2) AS kappa_low,
    ROUND(kappa_high, 2) AS kappa_high,
    ROUND(people_kappa, 2) AS people_kappa,
    CASE item_kind WHEN 'prod' THEN 'production' ELSE 'cold eval' END AS mean_of,
    method,
    labelled,
    ROUND(raw_mean, 3) AS mean_by_the_judge,
    ROUND(corrected_mean, 3) AS corrected_mean,
    ROUND(low, 3) AS low,
    ROUND(high, 3) AS high
FROM calibration
ORDER BY
    feature,
    criterion,
    ruler_id,
    method,
    item_kind DESC
