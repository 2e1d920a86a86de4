-- What do low scores have in common?
-- Answer: for each category, locale, model and prompt version, the share of verdicts of level 1 or 2 by each ruler,
-- worst first. A group far above the feature's own share is where to read the rationales; groups of a few verdicts
-- move a lot by chance.
SELECT
    sample.feature,
    judgments.criterion,
    judgments.ruler_id,
    sample.category,
    sample.locale,
    sample.model,
    sample.prompt_version,
    COUNT(*) AS verdicts,
    ROUND(100.0 * COUNT(*) FILTER (WHERE judgments.level <= 2) / COUNT(*), 1) AS percent_low
FROM sample
JOIN judgments
    ON judgments.feature = sample.feature
    AND judgments.day = sample.day
    AND judgments.item_id = sample.log_id
    AND judgments.item_kind = 'prod'
WHERE judgments.status = 'scored'
GROUP BY ALL
ORDER BY
    percent_low DESC,
    verdicts DESC,
    sample.feature,
    judgments.criterion
