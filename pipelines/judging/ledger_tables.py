"""The ledger's tables: verdicts, and the batches that are under way."""

import sqlalchemy as sa

INTENT_ID_LENGTH = 24

METADATA = sa.MetaData()


def key_columns(primary: bool) -> list[sa.Column]:
    """The columns of a Key, for every table that is about verdicts."""
    return [
        sa.Column("ruler_id", sa.String(16), primary_key=primary, nullable=False),
        sa.Column("content_id", sa.String(64), primary_key=primary, nullable=False),
        sa.Column("occasion", sa.String(32), primary_key=primary, nullable=False),
    ]


def usage_columns() -> list[sa.Column]:
    """The columns of a Usage, and what it cost."""
    return [
        sa.Column("input_tokens", sa.Integer),
        sa.Column("output_tokens", sa.Integer),
        sa.Column("cache_write_5m_tokens", sa.Integer),
        sa.Column("cache_write_1h_tokens", sa.Integer),
        sa.Column("cache_read_tokens", sa.Integer),
        sa.Column("cost_usd", sa.Float),
    ]


# One row: the version of the ledger's tables. A ledger without it is of version 1.
SCHEMA = sa.Table(
    "ledger_schema",
    METADATA,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("schema_version", sa.Integer, nullable=False),
)
VERDICTS = sa.Table(
    "ledger_verdicts",
    METADATA,
    *key_columns(primary=True),
    sa.Column("feature", sa.String(64), nullable=False),
    sa.Column("item_kind", sa.String(8), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("level", sa.Integer),
    sa.Column("rationale", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("injection_suspected", sa.Boolean, nullable=False),
    sa.Column("judge_model", sa.String(128)),
    sa.Column("request_id", sa.String(128)),
    sa.Column("batch_id", sa.String(128)),
    sa.Column("latency_ms", sa.Float),
    *usage_columns(),
    sa.Column("cut_characters", sa.Integer, nullable=False),
    sa.Column("redactions", sa.Text),
    sa.Column("judged_at", sa.String(32), nullable=False),
    sqlite_with_rowid=False,
)

# What a feature has paid since some date, without a look at its other verdicts.
PAID = sa.Index(
    "ledger_verdicts_paid",
    VERDICTS.c.feature,
    VERDICTS.c.judged_at,
    sqlite_where=VERDICTS.c.cost_usd.is_not(None),
    postgresql_where=VERDICTS.c.cost_usd.is_not(None),
)

BATCHES = sa.Table(
    "ledger_batches",
    METADATA,
    sa.Column("intent_id", sa.String(INTENT_ID_LENGTH), primary_key=True),
    sa.Column("feature", sa.String(64), nullable=False),
    sa.Column("item_kind", sa.String(8), nullable=False),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("intended_at", sa.String(32), nullable=False),
    sa.Column("batch_id", sa.String(128)),
    sa.Column("closed_at", sa.String(32)),
)
BATCH_REQUESTS = sa.Table(
    "ledger_batch_requests",
    METADATA,
    sa.Column("intent_id", sa.String(INTENT_ID_LENGTH), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    *key_columns(primary=False),
    sa.Column("may_not_apply", sa.Boolean, nullable=False),
    sa.Column("max_tokens", sa.Integer, nullable=False),
    sa.Column("cut_characters", sa.Integer, nullable=False),
    sa.Column("redactions", sa.Text),
    sa.Column("asked_at", sa.String(32), nullable=False),
    sa.Column("outcome", sa.String(16)),
    sa.Index("ledger_batch_requests_by_key", "ruler_id", "content_id", "occasion"),
    sqlite_with_rowid=False,
)
# Answers that have to be asked for once more: what was received is paid for, and counts for the final verdict's cost.
RETRIES = sa.Table(
    "ledger_retries",
    METADATA,
    *key_columns(primary=True),
    sa.Column("intent_id", sa.String(INTENT_ID_LENGTH), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    *usage_columns(),
    sqlite_with_rowid=False,
)
OTHER_BATCHES = sa.Table("ledger_other_batches", METADATA, sa.Column("batch_id", sa.String(128), primary_key=True))
# Tables with pending judgments, and the batches that they wait for; of none yet, the intent is empty.
WAITING = sa.Table(
    "ledger_awaited",
    METADATA,
    sa.Column("feature", sa.String(64), primary_key=True),
    sa.Column("item_kind", sa.String(8), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("intent_id", sa.String(INTENT_ID_LENGTH), primary_key=True),
)
# How many tokens a feature's prompts have (token_rates.TokenRate), as it was counted once: each has a language of its own.
TOKEN_RATES = sa.Table(
    "ledger_tokens",
    METADATA,
    sa.Column("feature", sa.String(64), primary_key=True),
    sa.Column("ruler_id", sa.String(16), primary_key=True),
    sa.Column("base_tokens", sa.Integer, nullable=False),
    sa.Column("tokens_per_byte", sa.Float, nullable=False),
    sa.Column("is_counted", sa.Boolean, nullable=False),
)
