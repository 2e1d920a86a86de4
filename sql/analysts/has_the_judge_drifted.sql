-- Has the judge drifted since the cold eval was judged?
-- Answer: the newest reading of every criterion on the anchors, cold items that are judged again on every date.
-- `drifted` means that what the scores of production say since then is about the judge as much as about the product:
-- promotion is frozen until a new ruler judges both sides. `inconclusive` is usual in the first days.
SELECT
    feature,
    criterion,
    ruler_id,
    MAX(judged_on) AS judged_on,
    COUNT(*) AS dates,
    MAX_BY(status, judged_on) AS status,
    ROUND(MAX_BY(difference, judged_on), 3) AS drift_so_far,
    ROUND(MAX_BY(ci_low, judged_on), 3) AS from_at_least,
    ROUND(MAX_BY(ci_high, judged_on), 3) AS to_at_most,
    ROUND(MAX_BY(tolerance, judged_on), 3) AS tolerance
FROM judge_drift
GROUP BY feature, criterion, ruler_id
ORDER BY feature, criterion, ruler_id
