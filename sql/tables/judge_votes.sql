-- Grain: one vote: one criterion of one item, judged once more.
-- Key: feature, day, item_id, criterion, vote.
-- Layer: day.
-- Files: feature, day.
-- Published: recent days.
CREATE TABLE judge_votes (
    feature     VARCHAR,
    day         DATE,
    item_id     VARCHAR,
    criterion   VARCHAR,
    ruler_id    VARCHAR,
    vote        BIGINT,
    chosen_by   VARCHAR,
    first_level INTEGER,
    status      VARCHAR,
    level       INTEGER
);

COMMENT ON TABLE judge_votes IS 'Verdicts that were asked for again, to see how often the judge changes its mind. They count for no score.';
COMMENT ON COLUMN judge_votes.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN judge_votes.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN judge_votes.item_id IS 'log_id of the log.';
COMMENT ON COLUMN judge_votes.criterion IS 'The criterion.';
COMMENT ON COLUMN judge_votes.ruler_id IS 'The ruler of both verdicts.';
COMMENT ON COLUMN judge_votes.vote IS '1 for the first time it was judged again, 2 for the second, ...';
COMMENT ON COLUMN judge_votes.chosen_by IS '`lot`, or `borderline`: the verdict itself was a 3.';
COMMENT ON COLUMN judge_votes.first_level IS 'Level of the verdict itself; null where it did not apply.';
COMMENT ON COLUMN judge_votes.status IS 'Status of the vote, as in judgments.';
COMMENT ON COLUMN judge_votes.level IS 'Level of the vote; null unless scored.';
