-- Grain: one criterion under one ruler, by how its votes were chosen.
-- Key: feature, ruler_id, chosen_by.
-- Layer: history.
-- Files: feature.
CREATE TABLE judge_flips (
    feature        VARCHAR,
    criterion      VARCHAR,
    ruler_id       VARCHAR,
    chosen_by      VARCHAR,
    votes          BIGINT,
    flips          BIGINT,
    flip_rate      DOUBLE,
    mean_distance  DOUBLE
);

COMMENT ON TABLE judge_flips IS 'How often the judge gave another verdict when it was asked the same once more.';
COMMENT ON COLUMN judge_flips.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN judge_flips.criterion IS 'The criterion.';
COMMENT ON COLUMN judge_flips.ruler_id IS 'The ruler.';
COMMENT ON COLUMN judge_flips.chosen_by IS '`lot`: the rate speaks for all verdicts; `borderline`: for those of level 3.';
COMMENT ON COLUMN judge_flips.votes IS 'Votes that were answered.';
COMMENT ON COLUMN judge_flips.flips IS 'Those with another level than the verdict itself, or of which one applied and the other did not.';
COMMENT ON COLUMN judge_flips.flip_rate IS 'flips / votes.';
COMMENT ON COLUMN judge_flips.mean_distance IS 'Mean distance between the levels, where both have one.';
