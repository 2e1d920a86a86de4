-- judge_costs: what judging has cost, by date, with the total so far.
-- Grain: the verdicts of one kind of item, made on one date by one model under one ruler, live or in batches.
-- Parameters: $since (the first date of `paid`). Reads: judge_costs as it was before, of one feature; paid, what the
--   ledger says of the dates from $since on.
WITH costs AS (
    SELECT
        judged_on,
        item_kind,
        criterion,
        ruler_id,
        judge_model,
        in_batches,
        verdicts,
        input_tokens,
        cache_read_tokens,
        output_tokens,
        cost_usd
    FROM judge_costs
    WHERE judged_on < CAST($since AS DATE)
    UNION ALL BY NAME
    SELECT
        CAST(judged_on AS DATE) AS judged_on,
        CAST(item_kind AS VARCHAR) AS item_kind,
        CAST(criterion AS VARCHAR) AS criterion,
        CAST(ruler_id AS VARCHAR) AS ruler_id,
        CAST(judge_model AS VARCHAR) AS judge_model,
        CAST(in_batches AS BOOLEAN) AS in_batches,
        CAST(verdicts AS BIGINT) AS verdicts,
        CAST(input_tokens AS BIGINT) AS input_tokens,
        CAST(cache_read_tokens AS BIGINT) AS cache_read_tokens,
        CAST(output_tokens AS BIGINT) AS output_tokens,
        CAST(cost_usd AS DOUBLE) AS cost_usd
    FROM paid
)

SELECT
    *,
    SUM(cost_usd) OVER (
        ORDER BY judged_on, item_kind, ruler_id, judge_model, in_batches
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS running_total_usd
FROM costs
