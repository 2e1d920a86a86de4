-- Each category's share of a night's logs, and its mean score.
-- Grain: one category of one criterion on one night with scores. Key: day, criterion, category.
-- Reads: divergence (which epoch a night belongs to), night_summary, both of one feature.
--
-- A night of one scored item is left out, as it is where nights are pooled. Sums are ordered, as doubles added in
-- another order may differ in their last bits.
WITH nights AS (
    SELECT
        day,
        epoch_start,
        rubric_id,
        baseline_id
    FROM divergence
    WHERE "window" = 'night' AND slice_kind = 'overall' AND criterion = 'overall' AND epoch_start IS NOT NULL
),

counted AS (
    SELECT
        day,
        criterion,
        slice AS category,
        logs,
        points,
        items
    FROM night_summary
    WHERE slice_kind = 'category' AND items > 0
),

whole AS (
    SELECT
        day,
        criterion,
        SUM(logs ORDER BY category) AS logs,
        SUM(items) AS items
    FROM counted
    GROUP BY day, criterion
)

SELECT
    nights.day,
    nights.epoch_start,
    nights.rubric_id,
    nights.baseline_id,
    counted.criterion,
    counted.category,
    counted.logs / whole.logs AS share,
    counted.points / counted.logs AS mean
FROM nights
JOIN counted ON counted.day = nights.day
JOIN whole ON whole.day = counted.day AND whole.criterion = counted.criterion AND whole.items > 1
ORDER BY nights.day, counted.criterion, counted.category
