-- Grain: one production log.
-- Key: feature, day, log_id.
-- Layer: day.
-- Files: feature, day.
-- Text: input, output, sources, error; never redacted.
-- Published: in the lake.
CREATE TABLE prod_logs (
    feature         VARCHAR,
    day             DATE,
    log_id          VARCHAR,
    ts              TIMESTAMPTZ,
    category        VARCHAR,
    cohort          VARCHAR,
    user_id         VARCHAR,
    conversation_id VARCHAR,
    locale          VARCHAR,
    model           VARCHAR,
    prompt_version  VARCHAR,
    input           VARCHAR,
    output          VARCHAR,
    sources         STRUCT(id VARCHAR, title VARCHAR, "text" VARCHAR)[],
    input_tokens    BIGINT,
    output_tokens   BIGINT,
    cost_usd        DOUBLE,
    latency_ms      DOUBLE,
    error           VARCHAR,
    feedback        VARCHAR,
    regenerated     BOOLEAN,
    fallback        BOOLEAN,
    injection_flag  BOOLEAN
);

COMMENT ON TABLE prod_logs IS 'Every production log of a day that could be read, once.';
COMMENT ON COLUMN prod_logs.feature IS 'The AI feature: its file''s name.';
COMMENT ON COLUMN prod_logs.day IS 'The day in the feature''s own time zone.';
COMMENT ON COLUMN prod_logs.log_id IS 'The log''s id, unique within the day.';
COMMENT ON COLUMN prod_logs.ts IS 'When it happened.';
COMMENT ON COLUMN prod_logs.category IS 'Category of the request; `uncategorized` where the log has none.';
COMMENT ON COLUMN prod_logs.cohort IS 'Group of users that the rollout let in.';
COMMENT ON COLUMN prod_logs.user_id IS 'Who asked.';
COMMENT ON COLUMN prod_logs.conversation_id IS 'The conversation or ticket it belongs to.';
COMMENT ON COLUMN prod_logs.locale IS 'Language or region.';
COMMENT ON COLUMN prod_logs.model IS 'Model that answered, as the application logged it.';
COMMENT ON COLUMN prod_logs.prompt_version IS 'Version of the application''s prompt.';
COMMENT ON COLUMN prod_logs.input IS 'What was asked.';
COMMENT ON COLUMN prod_logs.output IS 'What was answered.';
COMMENT ON COLUMN prod_logs.sources IS 'What the output had to be grounded in.';
COMMENT ON COLUMN prod_logs.input_tokens IS 'Tokens read.';
COMMENT ON COLUMN prod_logs.output_tokens IS 'Tokens written.';
COMMENT ON COLUMN prod_logs.cost_usd IS 'What the answer cost, in US dollars.';
COMMENT ON COLUMN prod_logs.latency_ms IS 'Time to the answer, in milliseconds.';
COMMENT ON COLUMN prod_logs.error IS 'User-facing error; null when there was none.';
COMMENT ON COLUMN prod_logs.feedback IS '`up`, `down` or null.';
COMMENT ON COLUMN prod_logs.regenerated IS 'The user asked again.';
COMMENT ON COLUMN prod_logs.fallback IS 'The non-AI path answered.';
COMMENT ON COLUMN prod_logs.injection_flag IS 'The application''s own screening flagged an injection.';
