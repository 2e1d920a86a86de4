-- Grain: the verdicts of one kind of item, made on one date by one model under one ruler, live or in batches.
-- Key: feature, judged_on, item_kind, ruler_id, judge_model, in_batches.
-- Layer: history.
-- Files: feature.
CREATE TABLE judge_costs (
    feature           VARCHAR,
    judged_on         DATE,
    item_kind         VARCHAR,
    criterion         VARCHAR,
    ruler_id          VARCHAR,
    judge_model       VARCHAR,
    in_batches        BOOLEAN,
    verdicts          BIGINT,
    input_tokens      BIGINT,
    cache_read_tokens BIGINT,
    output_tokens     BIGINT,
    cost_usd          DOUBLE,
    running_total_usd DOUBLE
);

COMMENT ON TABLE judge_costs IS 'What judging has cost, as the ledger has it: every verdict is paid for once, however many days use it.';
COMMENT ON COLUMN judge_costs.feature IS 'The AI feature that asked first: its file''s name.';
COMMENT ON COLUMN judge_costs.judged_on IS 'The date (UTC) on which the verdicts were made.';
COMMENT ON COLUMN judge_costs.item_kind IS '`prod`, `cold` or `anchor`.';
COMMENT ON COLUMN judge_costs.criterion IS 'The criterion; null for a ruler whose text is gone.';
COMMENT ON COLUMN judge_costs.ruler_id IS 'The ruler.';
COMMENT ON COLUMN judge_costs.judge_model IS 'The model as it named itself.';
COMMENT ON COLUMN judge_costs.in_batches IS 'At the price of batches.';
COMMENT ON COLUMN judge_costs.verdicts IS 'How many verdicts, votes included.';
COMMENT ON COLUMN judge_costs.input_tokens IS 'Tokens read, from the cache or not.';
COMMENT ON COLUMN judge_costs.cache_read_tokens IS 'Those of them that came from the cache.';
COMMENT ON COLUMN judge_costs.output_tokens IS 'Tokens written.';
COMMENT ON COLUMN judge_costs.cost_usd IS 'What they cost, in US dollars.';
COMMENT ON COLUMN judge_costs.running_total_usd IS 'What the feature has cost up to this row, in the order of dates and of the other keys.';
