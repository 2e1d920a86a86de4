"""Judging: a criterion file becomes a ruler, a judge answers by it, the ledger keeps every answer.

What is asked
criterion      one file of judge_prompts/
prompt         what a model is asked: system prompt, item, schema
fencing        how a text becomes data: encoded, cut, between tags that it cannot close
redaction      what is taken out of a text before it leaves the machine; secret_shapes are what secrets look like
answer         what a model answers, read strictly
ruler          what exactly a verdict was made with; a rubric is rulers with weights

Who answers
judge          what a judge is: requests in, verdicts out
judges         which judge a feature file asks for
model          the judge that asks a model, live or in batches
offline        the judge by rules, without a model; rules are one module per criterion

What is kept, and what it costs
panel          items before a judge: ledger first, then the judge
ledger         every verdict ever received
batch_book     which batches are under way, and what was asked in them; ledger_tables are the tables of both
money          what a verdict costs, by prices.yaml
budget         how many logs a night's budget allows

Whether it can be trusted
votes          verdicts asked for again
labelling      what people are to label
calibration    the judge beside people
telemetry      verdicts as OpenTelemetry events
"""
