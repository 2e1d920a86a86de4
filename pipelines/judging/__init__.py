"""Judging: a criterion file becomes a ruler, a judge answers by it, the ledger keeps every answer.

What is asked
criterion      one file of judge_prompts/
prompt         what a model is asked: system prompt, item
fencing        how a text becomes data: encoded, cut, between tags that it cannot close
answer         what a model answers, read strictly
ruler          what exactly a verdict was made with; a rubric is rulers with weights

Who answers
judge          what a judge is: requests in, verdicts out
provider       what a provider promises: the door that every judge comes through
providers      who answers, a package each: a model, or rules without one
judges         the judge that a feature file asks for, and its name as it stands beside scores

What every model that is asked shares
asking         a request as texts: redacted, fenced, cut
live           many requests at once, backing off together
failures       what an error means: for one request, or for the night
money          what an answer cost, and what one can cost
token_rates    how many tokens a prompt has, and token_bounds what they cost at most
quoting        a passage of somebody else's text, safe to repeat

What is judged
items          what is put before a judge, read from a table
panel          items before a judge: ledger first, then the judge
sample_judging a day's sample, with its votes; cold_judging: the cold eval; anchors: a few of its items on every date

What is kept, and what it costs
ledger         every verdict ever received
batch_book     which batches are under way, and what was asked in them; ledger_tables are the tables of both
budget         how many logs a night's budget allows
spending       what was paid for a feature

Whether it can be trusted
votes          verdicts asked for again
telemetry      verdicts as OpenTelemetry events; verdict_events sends a day's

What is written
judgment_rows  judgments and votes as rows of their tables; rubric_tables: rulers and rubrics
"""
