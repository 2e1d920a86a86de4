-- What nights have besides their scores: who judged them and when, what votes said, which signals were measured, and
-- the values that a whole day has in common.
-- Grain: one day that has any of them. Key: day.
-- Reads: sample, judgments (of production), judge_votes, signals of some days of one feature.
--
-- A value is a day's own when at least 80 % of its population has it, as the sample says.
WITH valued AS (
    SELECT
        day,
        log_id,
        weight,
        UNNEST(['category', 'cohort', 'locale', 'model', 'prompt_version']) AS name,
        COALESCE(UNNEST([category, cohort, locale, model, prompt_version]), '(none)') AS value
    FROM sample
),

shares AS (
    SELECT
        day,
        name,
        value,
        SUM(weight ORDER BY log_id) AS logs
    FROM valued
    GROUP BY day, name, value
),

prevailing AS (
    SELECT
        day,
        name,
        MAX_BY(value, logs) AS value
    FROM shares
    GROUP BY day, name
    HAVING MAX(logs) >= 0.8 * SUM(logs ORDER BY value)
),

common AS (
    SELECT
        day,
        MAP(LIST(name ORDER BY name), LIST(value ORDER BY name)) AS common_values
    FROM prevailing
    GROUP BY day
),

judged AS (
    SELECT
        day,
        LIST(DISTINCT {'ruler_id': ruler_id, 'made_on': CAST(judged_at AS DATE)}) AS judged_by
    FROM judgments
    WHERE judged_at IS NOT NULL
    GROUP BY day
),

voted AS (
    SELECT
        day,
        criterion,
        ruler_id,
        chosen_by,
        COUNT(*) AS votes,
        COUNT(*) FILTER (WHERE level IS DISTINCT FROM first_level) AS flips,
        SUM(ABS(level - first_level)) AS distance,
        COUNT(ABS(level - first_level)) AS distances
    FROM judge_votes
    WHERE status IN ('scored', 'not_applicable')
    GROUP BY day, criterion, ruler_id, chosen_by
),

votes AS (
    SELECT
        day,
        LIST({
            'criterion': criterion,
            'ruler_id': ruler_id,
            'chosen_by': chosen_by,
            'votes': votes,
            'flips': flips,
            'distance': distance,
            'distances': distances
        } ORDER BY ruler_id, chosen_by, criterion) AS votes
    FROM voted
    GROUP BY day
),

measured AS (
    SELECT
        day,
        LIST(signal ORDER BY signal) AS measured
    FROM signals
    WHERE cohort = 'all' AND value IS NOT NULL
    GROUP BY day
),

varying AS (
    SELECT
        sample.day,
        LIST(DISTINCT sample.locale) AS locales,
        LIST(DISTINCT sample.model) AS models
    FROM sample
    SEMI JOIN judgments ON judgments.day = sample.day AND judgments.item_id = sample.log_id
    GROUP BY sample.day
)

SELECT
    day,
    LIST_SORT(judged.judged_by) AS judged_by,
    votes.votes,
    measured.measured,
    LIST_SORT(varying.locales) AS locales,
    LIST_SORT(varying.models) AS models,
    common.common_values
FROM judged
FULL JOIN votes USING (day)
FULL JOIN measured USING (day)
FULL JOIN varying USING (day)
FULL JOIN common USING (day)
ORDER BY day
