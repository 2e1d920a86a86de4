"""A nested format for the tests: a batch a line, with the calls of one service in it."""

BATCHES = """\
-- Title: Batches of calls, one batch a line.
-- Logs a record: none to many.
-- Reads: raw.
-- Fields: log_id = id, ts = at, input = request.prompt, output = answer,
--   sources = documents, sources.text = body.
WITH calls AS (
    SELECT
        file,
        record,
        json ->> 'release' AS prompt_version,
        unnest(TRY_CAST(json -> 'calls' AS JSON[])) AS json
    FROM raw
)

SELECT
    *,
    TRY_CAST(json ->> 'seconds' AS DOUBLE) * 1000 AS latency_ms
FROM calls
WHERE json ->> 'kind' = 'chat'
"""


def call(id_, at="2026-11-02T12:00:00Z", **fields):
    return {"kind": "chat", "id": id_, "at": at, "request": {"prompt": "q"}, "answer": "a"} | fields


def batch(*calls, **fields):
    return {"release": 7, "calls": list(calls)} | fields
