-- Grain: one criterion of one item.
-- Key: feature, day, item_kind, item_id, criterion, rubric_id, baseline_id.
-- Layer: day.
-- Files: feature, day.
-- Also: cold_judgments (cold eval; feature, baseline_id, rubric_id),
--   anchor_judgments (cold eval; feature, judged_on, rubric_id).
-- Text: rationale, evidence.
-- Published: recent days.
CREATE TABLE judgments (
    feature             VARCHAR,
    day                 DATE,
    item_kind           VARCHAR,
    item_id             VARCHAR,
    criterion           VARCHAR,
    ruler_id            VARCHAR,
    rubric_id           VARCHAR,
    baseline_id         VARCHAR,
    status              VARCHAR,
    level               INTEGER,
    score               DOUBLE,
    rationale           VARCHAR,
    evidence            VARCHAR,
    injection_suspected BOOLEAN,
    judge_model         VARCHAR,
    input_tokens        BIGINT,
    output_tokens       BIGINT,
    cost_usd            DOUBLE,
    batch_id            VARCHAR,
    request_id          VARCHAR,
    latency_ms          DOUBLE,
    cut_characters      BIGINT,
    redactions          VARCHAR,
    judged_at           TIMESTAMPTZ
);

COMMENT ON TABLE judgments IS 'Every verdict: of the sampled logs of each day, of the cold items, and of anchors.';
COMMENT ON COLUMN judgments.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN judgments.day IS 'The day in the feature''s own time zone; of an anchor, the date on which it was judged.';
COMMENT ON COLUMN judgments.item_kind IS '`prod` (a log of the day), `cold` (an item of the cold eval; day is null) or `anchor`.';
COMMENT ON COLUMN judgments.item_id IS 'log_id of a log, item_id of a cold item.';
COMMENT ON COLUMN judgments.criterion IS 'The criterion: a file of judge_prompts/.';
COMMENT ON COLUMN judgments.ruler_id IS 'The ruler that made the verdict; see rulers.';
COMMENT ON COLUMN judgments.rubric_id IS 'The set of rulers and weights it was asked under; see rubrics.';
COMMENT ON COLUMN judgments.baseline_id IS 'The cold eval in force, as cold_eval_history has it for a day; null when the feature has none.';
COMMENT ON COLUMN judgments.status IS '`scored`, `not_applicable`, `pending`, `refused`, `truncated`, `unparsable`, `expired`, `errored` or `not_sent`.';
COMMENT ON COLUMN judgments.level IS '1 to 5; null unless scored.';
COMMENT ON COLUMN judgments.score IS '(level - 1) / 4; null unless scored.';
COMMENT ON COLUMN judgments.rationale IS 'Why, in the judge''s words.';
COMMENT ON COLUMN judgments.evidence IS 'What of the item it rests on.';
COMMENT ON COLUMN judgments.injection_suspected IS 'The item seems to address the judge.';
COMMENT ON COLUMN judgments.judge_model IS 'Who judged: the model as it named itself in its answer, or the offline judge.';
COMMENT ON COLUMN judgments.input_tokens IS 'Tokens read, from the cache or not, in all attempts; null without a model.';
COMMENT ON COLUMN judgments.output_tokens IS 'Tokens written in all attempts; null without a model.';
COMMENT ON COLUMN judgments.cost_usd IS 'What the verdict cost when it was made, in US dollars, attempts without an answer included; null without a model.';
COMMENT ON COLUMN judgments.batch_id IS 'The batch it came in; null when there was none.';
COMMENT ON COLUMN judgments.request_id IS 'The API''s id of the request (of the message, in a batch).';
COMMENT ON COLUMN judgments.latency_ms IS 'How long the answer took, in milliseconds; null in a batch.';
COMMENT ON COLUMN judgments.cut_characters IS 'Characters that were left out of the middle of over-long fields.';
COMMENT ON COLUMN judgments.redactions IS 'What was taken out of the text before it was sent, as JSON: how many of each kind.';
COMMENT ON COLUMN judgments.judged_at IS 'When the verdict was made; null while it is pending.';
