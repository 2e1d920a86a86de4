-- Grain: one sampled log.
-- Key: feature, day, log_id.
-- Layer: day.
-- Files: feature, day.
-- Text: input, output, sources, error.
-- Published: recent days.
CREATE TABLE sample (
    feature               VARCHAR,
    day                   DATE,
    log_id                VARCHAR,
    stratum               VARCHAR,
    stratum_size          BIGINT,
    stratum_wanted        BIGINT,
    stratum_sampled       BIGINT,
    inclusion_probability DOUBLE,
    weight                DOUBLE,
    ts                    TIMESTAMPTZ,
    category              VARCHAR,
    cohort                VARCHAR,
    user_id               VARCHAR,
    conversation_id       VARCHAR,
    locale                VARCHAR,
    model                 VARCHAR,
    prompt_version        VARCHAR,
    input                 VARCHAR,
    output                VARCHAR,
    sources               STRUCT(id VARCHAR, title VARCHAR, "text" VARCHAR)[],
    input_tokens          BIGINT,
    output_tokens         BIGINT,
    cost_usd              DOUBLE,
    latency_ms            DOUBLE,
    error                 VARCHAR,
    feedback              VARCHAR,
    regenerated           BOOLEAN,
    fallback              BOOLEAN,
    injection_flag        BOOLEAN
);

COMMENT ON TABLE sample IS 'The logs of a day that are judged, with their place in the design and the item itself.';
COMMENT ON COLUMN sample.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN sample.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN sample.log_id IS 'The log''s id.';
COMMENT ON COLUMN sample.stratum IS 'Its stratum: the value of `sample.stratify_by`, or the values as in `billing / en`; `(other)` for those that are too small to be strata (sql/sampling/strata.sql).';
COMMENT ON COLUMN sample.stratum_size IS 'N_h: logs of the stratum that day.';
COMMENT ON COLUMN sample.stratum_wanted IS 'How many logs of the stratum `sample.n` asks for; more than stratum_sampled where the budget allows fewer.';
COMMENT ON COLUMN sample.stratum_sampled IS 'n_h: logs of the stratum that were sampled.';
COMMENT ON COLUMN sample.inclusion_probability IS 'n_h / N_h.';
COMMENT ON COLUMN sample.weight IS 'N_h / n_h: how many logs it stands for.';
COMMENT ON COLUMN sample.ts IS 'When it happened.';
COMMENT ON COLUMN sample.category IS 'Category of the request; `uncategorized` where the log has none.';
COMMENT ON COLUMN sample.cohort IS 'Group of users that the rollout let in.';
COMMENT ON COLUMN sample.user_id IS 'Who asked.';
COMMENT ON COLUMN sample.conversation_id IS 'The conversation or ticket it belongs to.';
COMMENT ON COLUMN sample.locale IS 'Language or region.';
COMMENT ON COLUMN sample.model IS 'Model that answered, as the application logged it.';
COMMENT ON COLUMN sample.prompt_version IS 'Version of the application''s prompt.';
COMMENT ON COLUMN sample.input IS 'What was asked.';
COMMENT ON COLUMN sample.output IS 'What was answered.';
COMMENT ON COLUMN sample.sources IS 'What the output had to be grounded in.';
COMMENT ON COLUMN sample.input_tokens IS 'Tokens read.';
COMMENT ON COLUMN sample.output_tokens IS 'Tokens written.';
COMMENT ON COLUMN sample.cost_usd IS 'What the answer cost, in US dollars.';
COMMENT ON COLUMN sample.latency_ms IS 'Time to the answer, in milliseconds.';
COMMENT ON COLUMN sample.error IS 'User-facing error; null when there was none.';
COMMENT ON COLUMN sample.feedback IS '`up`, `down` or null.';
COMMENT ON COLUMN sample.regenerated IS 'The user asked again.';
COMMENT ON COLUMN sample.fallback IS 'The non-AI path answered.';
COMMENT ON COLUMN sample.injection_flag IS 'The application''s own screening flagged an injection.';
